# shellcheck shell=sh
# The end of every script that HostScript sends to a host: runs one verb. The script itself defines
#   check   refuses what is not possible, before anything is changed
#   up      creates the object or updates an existing one; may be run again
#   down    removes the object; succeeds if it is gone already
# The output of up is printed between two marks (frame.sh). A failed up is undone by down. A failed update is not,
# because the object existed before it. Variables: STEP, the name of this step, which runs only once at a time on a
# host; EXPECTED, may be empty, an extended regular expression that every line of up's output must match.
# shellcheck source=components/host-script/frame.sh
. ./frame.sh
set -eu
umask 022 # files for other users are readable whatever the login's umask; scripts with secrets set their own
LC_ALL=C
export LC_ALL

late() {
  echo "time limit exceeded" >&2
  exit 143
}

# Waits for an earlier run of this step whose connection was lost: it is still running and may undo the work of this
# one. The lock is released however its process ends (flock(2)). Without the program flock it does not wait.
alone() {
  if [ -z "${STEP:-}" ] || ! command -v flock >/dev/null; then return; fi
  lock="$folder/$STEP-$(id -u).lock" # another user could not open the file of a killed run
  until [ -n "${held:-}" ]; do
    exec 8>>"$lock"
    flock -n 8 || {
      echo "waiting for an earlier run of this step, which is still running" >&2
      flock 8
    }
    # The earlier run has removed the file, and a third run may have recreated it.
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

# Runs the verb, in a subshell.
verb() {
  trap late TERM # sent by timeout
  trap undo EXIT
  if [ "$1" = down ]; then
    down
    return
  fi
  check >&2                             # only the output of up is a result
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

# Prints the output of the verb after it has ended. If the connection is lost, printing fails, and with it the up.
run() {
  for folder in /run /run/lock "${TMPDIR:-/tmp}"; do
    if [ -w "$folder" ]; then break; fi
  done
  trap tidy EXIT
  trap late TERM
  alone
  kept=$(mktemp -d "$folder/${STEP:-dockernet}.XXXXXX")
  trap : TERM PIPE
  # Background processes of a verb do not inherit the descriptors of the lock and the files, which they would keep open.
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

# The previous output of up, without the marks and the login shell's text.
PULUMI_COMMAND_STDOUT=$(unframed "${PULUMI_COMMAND_STDOUT:-}")
case "${1:-}" in
up | update | down) run "$1" ;; # the last line, since a command in a verb may read the rest of standard input
*)
  echo "usage: sh -s -- up|update|down" >&2
  exit 2
  ;;
esac
