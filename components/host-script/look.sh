# shellcheck shell=sh
# The verb `look` for scripts whose checks are functions check_NAME. Changes nothing. Variable: LOOK_SEC, the time limit
# of one question to the engine in seconds, which also keeps checks from fetching anything.

# look NAME...: runs these checks and prints a line for each: `check.NAME` if it passes, `check.NAME MESSAGE` if it fails,
# `unseen.NAME MESSAGE` if the answer is unknown.
look() {
  : "${LOOK_SEC:?}"
  for name in "$@"; do
    code=0
    said=$("check_$name" 2>&1 >/dev/null) || code=$?
    case $code in
    0) echo "check.$name" ;;
    3) echo "unseen.$name $said" ;;
    *) printf 'check.%s %s\n' "$name" "$(printf '%s\n' "${said:-failed}" | tail -n 1)" ;;
    esac
  done
}
