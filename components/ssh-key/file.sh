# shellcheck shell=sh
# A private key in a file that only its owner may read. Variables: FILE; of up KEY.

check() { :; }

# In one step, since another program's ssh may be reading the file.
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
