# shellcheck shell=sh
# The end of every script that HostScript sends to a host: calls the verb that was asked for. The script itself defines
#   check   refuses what cannot be, before anything is made or changed
#   up      makes the thing, or makes an existing one as it should be; may be run again
#   down    removes the thing, and does not mind when it is gone
# What up prints is handed back between two marks (frame.sh), if each line of it is what EXPECTED says, where it is set.
# An up that fails is undone. An update that fails is not: what it would take down was there before it.
# Of one step, which the variable STEP names, one run at a time is at work on a machine.
set -eu
umask 022 # what is made for others to read is readable, whatever the user's own umask; a secret sets its own
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

tidy() {
  if [ -n "${held:-}" ]; then rm -f "$held"; fi
  rm -rf "${kept:-}"
}

undo() {
  code=$?
  if [ "$code" -ne 0 ] && [ -n "${undone:-}" ]; then down; fi
  exit "$code"
}

# The verb with all that it starts, in a shell of its own.
verb() {
  trap late TERM # sent by timeout
  trap undo EXIT
  if [ "$1" = down ]; then
    down
    return
  fi
  check >&2                             # only what up prints is handed back
  if [ "$1" = up ]; then undone=yes; fi # if it fails
  up
}

expected() {
  if [ -z "${EXPECTED:-}" ]; then return; fi
  wrong=$(grep -Evx "$EXPECTED" "$kept/out" || [ -s "$kept/out" ] || echo nothing)
  [ -z "$wrong" ] || {
    echo "${STEP:-the script} printed what was not expected: $(echo "$wrong" | head -n 1 | cut -c 1-80)" >&2
    return 1
  }
}

# What the verb printed is passed on when it has ended. Then a connection that was lost is noticed, too, and a failure to
# print makes an up fail like any other.
run() {
  for folder in /run /run/lock "${TMPDIR:-/tmp}"; do
    if [ -w "$folder" ]; then break; fi
  done
  trap tidy EXIT
  trap late TERM
  alone
  kept=$(mktemp -d "$folder/${STEP:-dockernet}.XXXXXX")
  trap : TERM PIPE
  # What a verb starts and leaves running must keep neither the lock nor the files, so it gets no descriptor of them.
  set +e
  (
    set -e
    verb "$1"
  ) >"$kept/out" 2>"$kept/err" 8>&-
  code=$?
  set -e
  bounded "$kept/err" >&2 || :
  if [ "$code" -ne 0 ]; then
    bounded "$kept/out" || :
  elif [ "$1" != down ] && ! { expected && framed "$kept/out"; }; then
    code=1
    if [ "$1" = up ]; then down >&2; fi
  fi
  return "$code"
}

# Of what up printed the last time a script sees what it printed itself.
PULUMI_COMMAND_STDOUT=$(unframed "${PULUMI_COMMAND_STDOUT:-}")
case "${1:-}" in
up | update | down) run "$1" ;; # the last line: a command in a verb would swallow what follows on standard input
*)
  echo "usage: sh -s -- up|update|down" >&2
  exit 2
  ;;
esac
