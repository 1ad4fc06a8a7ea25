# shellcheck shell=sh
# A private key in a file that only its owner may read. Variables: FILE, KEY.

check() { :; }

# In one step, for the ssh client of another program may be reading it.
up() {
  umask 077
  mkdir -p "$(dirname "${FILE:?}")"
  printf '%s' "${KEY:?}" >"$FILE.new"
  mv -f "$FILE.new" "$FILE"
}

# The folder goes with the last key in it.
down() {
  rm -f "${FILE:?}" "$FILE.new"
  rmdir "$(dirname "$FILE")" 2>/dev/null || :
}
