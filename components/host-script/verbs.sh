# shellcheck shell=sh
# The end of every script that HostScript sends to a host: calls the verb that was asked for. The script itself defines
#   check   refuses what cannot be, before anything is made or changed
#   up      makes the thing, or makes an existing one as it should be; may be run again
#   down    removes the thing, and does not mind when it is gone
# Their standard input is empty: the rest of this script is what they would read.
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
  check </dev/null
  trap '[ "$?" -eq 0 ] || down </dev/null' EXIT
  up </dev/null
  ;;
update)
  check </dev/null
  up </dev/null
  ;;
down) down </dev/null ;;
*)
  echo "usage: sh -s -- up|update|down" >&2
  exit 2
  ;;
esac
