# shellcheck shell=sh
# The end of every script that HostScript sends to a host: calls the verb that was asked for. The script itself defines
#   check   refuses what cannot be, before anything is made or changed
#   up      makes the thing, or makes an existing one as it should be; may be run again
#   down    removes the thing, and does not mind when it is gone
# Nothing may follow the last case: a command in a verb that reads standard input would swallow it.
# An up that fails is undone. An update that fails is not: what it would take down was there before it.
# Of one step, which the variable STEP names, one run at a time is at work on a machine.
set -eu
LC_ALL=C
export LC_ALL

late() {
  echo "not done in the time that it was given" >&2
  exit 143
}

# Waits for an earlier run of this step whose connection was lost: it goes on without it, and may undo what this one
# does. The lock goes with the process that has it, whatever ends that (flock(2)). Without flock nobody is waited for.
alone() {
  if [ -z "${STEP:-}" ] || ! command -v flock >/dev/null; then return; fi
  for folder in /run /run/lock "${TMPDIR:-/tmp}"; do
    if [ -w "$folder" ]; then break; fi
  done
  lock="$folder/$STEP-$(id -u).lock" # what a user's killed run has left, another user could not open
  until [ -n "${held:-}" ]; do
    exec 8>>"$lock"
    flock -n 8 || {
      echo "waiting for an earlier run of this step, which is still at work" >&2
      flock 8
    }
    # The run that was waited for has removed the file, and another one may have made it again.
    [ "$(stat -c %i "$lock" 2>/dev/null)" != "$(stat -L -c %i /dev/fd/8)" ] || held=$lock
  done
}

end() {
  code=$?
  if [ "$code" -ne 0 ] && [ -n "${undone:-}" ]; then down 8>&-; fi
  if [ -n "${held:-}" ]; then rm -f "$held"; fi
  exit "$code"
}

# What a verb starts and leaves running must not keep the lock, so it gets no descriptor of it.
trap late TERM # sent by timeout
trap : PIPE    # when the connection is lost; what prints then fails, and an up that fails is undone
case "${1:-}" in
up | update | down) trap end EXIT ;;
*)
  echo "usage: sh -s -- up|update|down" >&2
  exit 2
  ;;
esac
alone
case $1 in
up)
  check 8>&-
  undone=yes # if it fails
  up 8>&-
  ;;
update)
  check 8>&-
  up 8>&-
  ;;
down) down 8>&- ;;
esac
