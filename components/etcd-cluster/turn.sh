# shellcheck shell=sh
# Whose turn it is to change a living etcd cluster. A script includes this file after prelude.sh and cluster.sh, whose variable
# CLUSTER it uses.

# The keys of the member that is being changed, and of the last one whose change failed, in the cluster itself (API v3).
TURN=dockernet/turn
FAILED=dockernet/failed
# A turn that is not renewed ends after this time, in seconds, and a member waits at most this long for its turn.
TURN_SEC=60
WAIT_SEC=240

# revision FIELD: of the whole store (Revision), or of the last failed change (ModRevision).
revision() { ctl "$CLUSTER" 3 get -w fields "$FAILED" | sed -n "s/^\"$1\" : //p"; }

claim() {
  ctl_txn=$(printf 'create("%s") = "0"\n\nput %s %s --lease=%s\n\n\n' "$TURN" "$TURN" "$NAME" "$lease" |
    ask 5 "$(etcdctl_path)" 3 "$CLUSTER" --command-timeout 3s txn 2>/dev/null)
  case $ctl_txn in SUCCESS*) return ;; esac
  holder=$(ctl "$CLUSTER" 3 get --print-value-only "$TURN")
  # A turn of this member is left from a run that was killed.
  [ "$holder" = "$NAME" ] && ctl "$CLUSTER" 3 put "$TURN" "$NAME" --lease "$lease" >/dev/null
}

renew() { ctl "$CLUSTER" 3 lease keep-alive --once "$lease" >/dev/null || :; }

take_turn() {
  : "${since:=$(revision Revision)}"
  lease=$(ctl "$CLUSTER" 3 lease grant "$TURN_SEC" | sed -n 's/^lease \([0-9a-f]*\) granted.*/\1/p')
  [ -n "$lease" ] || refuse "its cluster has stopped answering"
  end=$(($(date +%s) + WAIT_SEC))
  until claim; do
    [ "$(date +%s)" -lt "$end" ] || refuse "the change of ${holder:-another member} has not ended for $WAIT_SEC s"
    sleep 0.5
    renew
  done
  failed=$(revision ModRevision)
  if [ "${failed:-0}" -gt "${since:-0}" ]; then
    end_turn
    refuse "unchanged, since the change of $(ctl "$CLUSTER" 3 get --print-value-only "$FAILED") failed; correct that, then run the same command again"
  fi
}

end_turn() { ctl "$CLUSTER" 3 lease revoke "$lease" >/dev/null || :; }

# in_turn COMMAND...: runs it while no other member changes the cluster. If it fails, this script ends, and those that wait
# for their turn are left unchanged. The exit code 75 is no failure: it sets again to yes (EX_TEMPFAIL of sysexits.h).
in_turn() {
  take_turn
  set +e
  (
    set -e
    "$@"
  )
  code=$?
  set -e
  again=no
  case $code in
  0) ;;
  75) again=yes ;;
  *)
    mark_lease=$(ctl "$CLUSTER" 3 lease grant "$WAIT_SEC" | sed -n 's/^lease \([0-9a-f]*\) granted.*/\1/p')
    ctl "$CLUSTER" 3 put "$FAILED" "$NAME" --lease "${mark_lease:-0}" >/dev/null || :
    ;;
  esac
  end_turn
  [ "$code" -eq 0 ] || [ "$again" = yes ] || exit "$code"
}
