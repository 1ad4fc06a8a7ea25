# shellcheck shell=sh
# The end of every script that HostScript sends to a host: calls the verb that was asked for. The script itself defines
#   check   refuses what cannot be, before anything is made or changed
#   up      makes the thing, or makes an existing one as it should be; may be run again
#   down    removes the thing, and does not mind when it is gone
# Nothing may follow the case below: a command in a verb that reads standard input would swallow it.
# An up that fails is undone. An update that fails is not: what it would take down was there before it.
set -eu
LC_ALL=C
export LC_ALL

late() {
  echo "not done in the time that it was given" >&2
  exit 143
}

trap late TERM # sent by timeout
case "${1:-}" in
up)
  check
  trap '[ "$?" -eq 0 ] || down' EXIT
  up
  ;;
update)
  check
  up
  ;;
down) down ;;
*)
  echo "usage: sh -s -- up|update|down" >&2
  exit 2
  ;;
esac
