# shellcheck shell=sh
# One etcd member on this host: its program (install.sh), its data, its process. Verbs: those of verbs.sh, and
#   look NAME...   makes checks without a change (look.sh): programs, supervisor, address, data, ports, package, archive
#   owned          prints the members on this host and their owners (owned.sh); takes no variables
# Variables: NAME, which is all that down takes. Of check, look and up: ADDRESS, PEER_PORT, CLIENT_PORT; TOKEN, of look
# empty if the cluster does not exist yet; SUPERVISOR (systemd or nohup); SOURCE and what install.sh needs for it. Of up:
# MEMBERS (as in --initial-cluster); FLAGS and OWNER (project/stack), each may be empty.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/look.sh
. ../host-script/look.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh
# shellcheck source=components/etcd-cluster/common.sh
. ./common.sh
# shellcheck source=components/etcd-cluster/install.sh
. ./install.sh

SUBJECT="etcd member ${NAME-}"
UNIT_FILE=/etc/systemd/system/$UNIT.service
PID_FILE=/run/$UNIT.pid

listener() { ss -H -ltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, process \2/p' | head -n 1; }

check_programs() {
  require_program ss iproute2
  require_program ip iproute2
  require_program flock util-linux
}

check_supervisor() {
  [ "${SUPERVISOR:?}" != systemd ] || [ -d /run/systemd/system ] || refuse "this host is not run by systemd"
}

check_address() {
  has_address "${ADDRESS:?}" || refuse "no interface of this host has the address $ADDRESS"
}

check_data() {
  if [ -e "$STATE/token" ] && [ "$(cat "$STATE/token")" != "${TOKEN?}" ]; then
    refuse "$STATE has the data of another cluster ($(cat "$STATE/token")); destroy that one, or remove its data"
  fi
}

check_ports() {
  if ! running; then
    for port in "${CLIENT_PORT:?}" "${PEER_PORT:?}"; do
      holder=$(listener "$port")
      [ -z "$holder" ] || refuse "port $port is taken ($holder)"
    done
  fi
}

check() {
  : "${NAME:?}" "${TOKEN:?}"
  as_root
  check_programs
  check_supervisor
  check_address
  check_data
  check_ports
  "check_${SOURCE:?}"
}

# etcd's command line: the tutorial's flags in the tutorial's order, then further ones.
arguments() {
  client=http://$ADDRESS:$CLIENT_PORT
  peer=http://$ADDRESS:$PEER_PORT
  echo "--name $NAME --initial-advertise-peer-urls $peer --listen-peer-urls $peer" \
    "--listen-client-urls $client,http://127.0.0.1:$CLIENT_PORT --advertise-client-urls $client" \
    "--initial-cluster-token $TOKEN --initial-cluster ${MEMBERS:?} --initial-cluster-state new" \
    "--data-dir $STATE/data$(v2_flag)${FLAGS:+ $FLAGS}"
}

# The v2 API is on by default in 3.3 and off since 3.4.
v2_flag() { case $(version_of "$(program_folder)/etcd") in 3.3*) ;; *) echo " --enable-v2" ;; esac }

# etcd 3.4 refuses to start on other architectures without it.
architecture_variable() { [ "$(architecture)" = amd64 ] || echo "ETCD_UNSUPPORTED_ARCH=$(architecture)"; }

# The unit is ready when there is a quorum, which may take long in a new cluster, and systemd restarts it without limit. A
# leader that stops transfers its leadership first; when all members stop together it would wait for 7 seconds.
unit() {
  cat <<EOF
# Owner: ${OWNER-}
[Unit]
Description=etcd member $NAME
Documentation=https://etcd.io/docs
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
DynamicUser=yes
StateDirectory=$UNIT
StateDirectoryMode=0700
Environment=$(architecture_variable)
Environment=NO_PROXY=*
ExecStart=$(program_folder)/etcd $(arguments)
Restart=always
RestartSec=1
TimeoutStartSec=infinity
TimeoutStopSec=3
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
EOF
}

nohup_pid() {
  pid=$(cat "$PID_FILE" 2>/dev/null) || return
  { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -Fq -- "etcd --name $NAME " && echo "$pid"
}

running() { nohup_pid >/dev/null || systemctl --quiet is-active "$UNIT" 2>/dev/null || [ "$(systemctl is-active "$UNIT" 2>/dev/null)" = activating ]; }

stop_nohup() {
  if pid=$(nohup_pid); then
    kill "$pid"
    timeout 3 tail --pid="$pid" -f /dev/null || kill -9 "$pid"
  fi
  rm -f "$PID_FILE"
}

stop_systemd() {
  [ -e "$UNIT_FILE" ] || return 0
  systemctl --quiet disable --now "$UNIT" 2>/dev/null
  rm -f "$UNIT_FILE" "$UNIT_FILE.old" "$UNIT_FILE.new"
  systemctl daemon-reload
  systemctl reset-failed "$UNIT" 2>/dev/null || true
}

start_systemd() {
  stop_nohup
  unit >"$UNIT_FILE.new"
  if same_settings "$UNIT_FILE.new" "$UNIT_FILE" && running; then
    mv "$UNIT_FILE.new" "$UNIT_FILE"
    systemctl daemon-reload
    return
  fi
  if [ -e "$UNIT_FILE" ]; then mv "$UNIT_FILE" "$UNIT_FILE.old"; fi
  mv "$UNIT_FILE.new" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl --quiet enable "$UNIT"
  systemctl stop "$UNIT"
  # systemd counts restarts until the unit is ready. Those of the old settings say nothing about the new ones.
  systemctl reset-failed "$UNIT" 2>/dev/null || true
  # Does not wait until it is ready, which may need the other members.
  systemctl start --no-block "$UNIT"
}

start_nohup() {
  stop_systemd
  if [ "$(arguments)" = "$(cat "$STATE/arguments" 2>/dev/null)" ] && nohup_pid >/dev/null; then return; fi
  stop_nohup
  arguments >"$STATE/arguments"
  # shellcheck disable=SC2046 # one word a flag
  env $(architecture_variable) NO_PROXY='*' setsid nohup "$(program_folder)/etcd" $(arguments) </dev/null >>"$LOG" 2>&1 &
  echo $! >"$PID_FILE"
}

gave_up() {
  if [ "$SUPERVISOR" = systemd ]; then [ "$(systemctl show -p NRestarts --value "$UNIT")" -gt 0 ]; else ! kill -0 "$(cat "$PID_FILE")" 2>/dev/null; fi
}

# etcd listens for its peers at once, and for clients when there is a quorum.
await_listening() {
  for _ in $(seq 150); do
    if [ -n "$(ss -H -ltn "src $ADDRESS and sport = :$PEER_PORT")" ]; then return; fi
    if gave_up; then break; fi
    sleep 0.1
  done
  echo "$SUBJECT: it does not stay up; its last lines:" >&2
  last_lines >&2
  roll_back
  return 1
}

# After a change that does not start, the previous configuration runs again with the same data.
roll_back() {
  [ -e "$UNIT_FILE.old" ] || return 0
  mv "$UNIT_FILE.old" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl restart --no-block "$UNIT"
  echo "$SUBJECT: the previous configuration was restored" >&2
}

up() {
  (umask 077 && mkdir -p "$STATE")
  echo "$TOKEN" >"$STATE/token"
  echo "${OWNER-}" >"$STATE/owner"
  locked "install_$SOURCE"
  program_folder >>"$STATE/program" # the previous one stays listed, for a rollback
  "start_$SUPERVISOR"
  await_listening
  rm -f "$UNIT_FILE.old"
  program_folder >"$STATE/program"
  locked prune
  echo "$NAME: etcd $(version_of "$(program_folder)/etcd"), configuration $(arguments | sha256sum | cut -c 1-12)"
}

down() {
  : "${NAME:?}"
  as_root
  stop_systemd
  stop_nohup
  rm -rf "$STATE" "/var/lib/private/$UNIT" "$LOG"
  locked prune
}

owned() {
  for path in /etc/systemd/system/dockernet-etcd-*.service /var/lib/dockernet-etcd-*/. /var/lib/private/dockernet-etcd-*/.; do
    [ ! -e "$path" ] || echo "$path"
  done | sed 's|.*/dockernet-etcd-||; s|/\.$||; s|\.service$||' | sort -u | while read -r name; do
    found "etcd member" "$name" "$({
      unit=/etc/systemd/system/dockernet-etcd-$name.service
      [ ! -e "$unit" ] || owner_line "$unit"
      for data in "/var/lib/dockernet-etcd-$name" "/var/lib/private/dockernet-etcd-$name"; do
        [ ! -d "$data" ] || owner_file "$data"
      done
    } | agreed)"
  done
}
