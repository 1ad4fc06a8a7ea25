# shellcheck shell=sh
# A private key in a file that only its owner may read. Variables: FILE; KEY, for up.

check() { :; }

# Replaces the file atomically: another program's ssh may be reading it.
up() {
  umask 077
  mkdir -p "$(dirname "${FILE:?}")"
  printf '%s' "${KEY:?}" >"$FILE.new"
  mv -f "$FILE.new" "$FILE"
}

# The folder is removed with the last key in it.
down() {
  rm -f "${FILE:?}" "$FILE.new"
  rmdir "$(dirname "$FILE")" 2>/dev/null || :
}
