# shellcheck shell=sh
# Paths of the etcd member NAME on this host, and its log. Variable: SUPERVISOR.

UNIT=dockernet-etcd-${NAME-}
# shellcheck disable=SC2034 # used by the including scripts
STATE=/var/lib/$UNIT
LOG=/var/log/$UNIT.log

# Left out: the usage, which follows the line that names the wrong flag.
last_lines() {
  if [ "${SUPERVISOR:?}" = systemd ]; then
    journalctl -u "$UNIT" -n 100 -o cat --no-pager 2>/dev/null
  else
    tail -n 100 "$LOG"
  fi | grep -Ev '^( |Usage:|$)' | tail -n 10
}
