# shellcheck shell=sh
# Puts a backup in the place of the data of the etcd member NAME on this host. Verbs, in the order of a restore:
#   look               prints facts of the member: version, token, supervisor, running, healthy, written (when its data was
#                      last written, in seconds), free (bytes), keys; changes nothing
#   part               appends PART, in base64, to the copy beside the data
#   halt               stops the member and sets its data aside; prints where it is
#   first              starts a cluster of one from the copy and prints its keys; then the member's unit runs
#   add                on the first host: lets JOINER at PEER join; prints the members as in --initial-cluster
#   join               joins the cluster with the members INITIAL; then the member's unit runs
#   finish             waits for the quorum
#   put_back           puts the data that was set aside back and starts the member
#   drop               removes the copy
# A member of the restored cluster cannot mix with one of the old cluster: etcdctl backup drew another id for it. Variables:
# NAME; STAMP of the restore, in the name of what is set aside; those of the verbs.
# shellcheck source=lab/host/etcd/client.sh
. ./client.sh

PID_FILE=/run/$UNIT.pid
COPY=$STATE/restore-${STAMP-}.tgz
DATA=$STATE/data
ASIDE=$STATE/data.before-${STAMP-}

systemd() { [ -e "$UNIT_FILE" ]; }

flag() { last_command | sed -n "s/.* --$1 \([^ ]*\).*/\1/p"; }

pid() {
  for each in $(pidof etcd); do
    if tr '\0' ' ' <"/proc/$each/cmdline" | grep -Fq -- "etcd --name $NAME --initial-advertise"; then echo "$each"; fi
  done
}

look() {
  [ -n "$(flag initial-cluster-token)" ] || refuse "it has no unit and no arguments on this host; create it with pulumi up"
  echo "version $(version)"
  echo "token $(flag initial-cluster-token)"
  echo "free $(free_bytes)"
  echo "complaint $(complaint)"
  written=$(find "$DATA/member/wal" -name '*.wal' -printf '%T@\n' 2>/dev/null | sort -n | tail -n 1)
  [ -z "$written" ] || echo "written ${written%.*}"
  [ -n "$(pid)" ] || return 0
  echo "running yes"
  ! healthy "$OWN_MEMBER" || echo "healthy yes"
  keys own "$OWN_MEMBER" local 2>/dev/null || true
}

# The folder may be lost with the data, and then its link leads nowhere.
make_folder() { (umask 077 && mkdir -p "$(readlink -m "$STATE")"); }

part() {
  make_folder
  (umask 077 && printf %s "${PART:?}" | base64 -d >>"$COPY")
}

halt() {
  stop_member
  [ ! -e "$DATA" ] || mv "$DATA" "$ASIDE"
  [ ! -e "$ASIDE" ] || echo "aside $ASIDE"
}

stop_member() {
  if systemd; then
    systemctl stop "$UNIT"
  elif [ -n "$(pid)" ]; then
    SCRATCH_PID=$(pid)
    end_etcd
  fi
}

start_member() {
  # What is lost with the folder is in the unit.
  [ -e "$STATE/token" ] || flag initial-cluster-token >"$STATE/token"
  [ -e "$STATE/bootstrap" ] || last_command | sed 's/.* \(--initial-cluster-token .* --initial-cluster-state [a-z]*\) .*/\1/' >"$STATE/bootstrap"
  [ -e "$STATE/program" ] || last_command | sed 's|/etcd .*||' >"$STATE/program"
  if systemd; then
    [ -e "$STATE/owner" ] || sed -n 's/^# Owner: //p' "$UNIT_FILE" >"$STATE/owner"
    chown -R --reference="$STATE" "$STATE/."
    systemctl reset-failed "$UNIT" 2>/dev/null || true
    systemctl start --no-block "$UNIT"
  else
    restore_certificates
    # shellcheck disable=SC2046 # one word a flag
    env NO_PROXY='*' $(architecture_variable) setsid nohup "$(program_folder)/etcd" $(cat "$STATE/arguments") </dev/null >>"$LOG" 2>&1 &
    echo $! >"$PID_FILE"
  fi
}

restore_certificates() {
  [ -n "$TLS" ] || return 0
  make_folder
  sh -c "$(copy_certificates)"
}

# temporary FLAG VALUE...: starts the member's command with flags in the place of its own, and waits for it
temporary() {
  words=$(last_command)
  while [ $# -gt 0 ]; do
    words=$(echo "$words" | sed "s| --$1 [^ ]*| --$1 $2|")
    shift 2
  done
  restore_certificates
  # shellcheck disable=SC2046,SC2086 # one word a flag
  env NO_PROXY='*' $(architecture_variable) $words ${FORCE-} </dev/null >"$WORK_LOG" 2>&1 &
  SCRATCH_PID=$!
  await_healthy "$OWN_MEMBER" "$SCRATCH_PID" || refuse "it does not start from the backup: $(tail -n 3 "$WORK_LOG")"
}

begin() {
  umask 077
  WORK_LOG=$STATE/restore.log
  trap 'end_etcd; rm -f "$WORK_LOG"' EXIT
  trap 'exit 1' INT TERM HUP
}

first() {
  begin
  tar -C "$STATE" -xzf "$COPY" || refuse "the copy could not be unpacked"
  # No engine may write before the keys are compared, so it listens on the loopback interface alone.
  FORCE=--force-new-cluster temporary listen-client-urls "$OWN_MEMBER"
  keys restored "$OWN_MEMBER"
  id=$(ctl "$OWN_MEMBER" member list | cut -d , -f 1)
  ctl "$OWN_MEMBER" member update "$id" --peer-urls "$(flag initial-advertise-peer-urls)" >/dev/null
  end_etcd
  start_member
  await_own
}

await_own() { await_healthy "$OWN_MEMBER" || refuse "no quorum after the restore; its last lines: $(last_lines | tail -n 3)"; }

add() {
  end=$(($(date +%s) + 30))
  # etcd refuses a member until it has been connected to the others for 5 seconds.
  until answer=$(ctl "$OWN_MEMBER" member add "${JOINER:?}" --peer-urls "${PEER:?}" 2>&1); do
    [ "$(date +%s)" -lt "$end" ] || refuse "etcdctl member add failed: $(echo "$answer" | tail -n 1)"
    sleep 0.5
  done
  echo "$answer" | sed -n 's/^ETCD_INITIAL_CLUSTER="\(.*\)"$/initial \1/p'
}

join() {
  begin
  temporary initial-cluster "${INITIAL:?}" initial-cluster-state existing
  end_etcd
  start_member
  await_own
}

finish() { await_own; }

put_back() {
  stop_member
  if [ -e "$ASIDE" ]; then
    rm -rf "$DATA"
    mv "$ASIDE" "$DATA"
  fi
  rm -f "$COPY"
  start_member
}

drop() { rm -f "$COPY"; }
