# shellcheck shell=sh
# What a member does after the loss of so many others that no quorum can come back. A member's script includes this file
# (member.sh) after membership.sh. Variable: ALONE, the name of the member that goes on without the others and a word for what
# happened; may be empty.

# Whether that is new to this member, whose cluster does not answer.
is_alone() { [ -n "${ALONE-}" ] && [ "$(cat "$STATE/alone" 2>/dev/null)" != "$ALONE" ]; }

after_the_loss() {
  if [ "${ALONE%% *}" = "$NAME" ]; then
    go_on_alone
    return
  fi
  end=$(($(date +%s) + ANSWER_SEC))
  until find_cluster 3; do
    [ "$(date +%s)" -lt "$end" ] || refuse "the member ${ALONE%% *}, which goes on with its data, does not answer with a quorum"
    sleep 1
  done
  wipe
  enter
}

# A cluster of this member, with its data, of which a copy stays
# (https://etcd.io/docs/v3.4/op-guide/recovery/, https://etcd.io/docs/v2.3/admin_guide/#disaster-recovery).
go_on_alone() {
  aside=$STATE/data.before-${ALONE#* }
  systemctl stop "$UNIT" 2>/dev/null || :
  stop_nohup
  [ -e "$aside" ] || cp -a "$STATE/data" "$aside"
  [ -z "$TLS" ] || sh -c "$(copy_certificates)"
  # shellcheck disable=SC2046 # one word a flag
  env $(architecture_variable) NO_PROXY='*' "$(program_folder)/etcd" $(arguments) --force-new-cluster </dev/null >"$STATE/alone.log" 2>&1 &
  forced=$!
  end=$(($(date +%s) + HEALTH_SEC))
  until [ -n "$(healthy "$OWN" 2)" ]; do
    if ! kill -0 "$forced" 2>/dev/null || [ "$(date +%s)" -ge "$end" ]; then
      kill "$forced" 2>/dev/null || :
      refuse "it does not go on without the others ($aside has its data): $(tail -n 2 "$STATE/alone.log")"
    fi
    sleep 0.3
  done
  kill "$forced"
  { wait "$forced" || :; } 2>/dev/null
  rm -f "$STATE/alone.log"
  # etcd ran as root, and the unit has a user of its own.
  chown -R --reference="$STATE/." "$STATE/."
  start
  await_health
}
