# shellcheck shell=sh
# A file with a text in it, for the tests of HostScript. Variables: FILE, TEXT, JOURNAL.

note() { echo "$1 ${FILE:?}" >>"${JOURNAL:?}"; }

check() {
  if [ "${TEXT:?}" = refused ]; then
    echo "the text must not be $TEXT" >&2
    exit 1
  fi
}

up() {
  note up
  printf '%s' "$TEXT" >"$FILE"
  cat >>"$FILE" # nothing, unless the rest of this script is on standard input
  case "$TEXT" in
  broken)
    echo "the text must not be $TEXT" >&2
    return 1
    ;;
  slow) sleep 30 ;;
  esac
  echo "written"
}

down() {
  note down
  rm -f "$FILE"
}
