# shellcheck shell=sh
# What tells one creation of an etcd cluster from every other: a token, made once and kept on the first member's host.
# Variables: NAME, the first member's; PREFIX of the token; MEMBERS and MACHINES, which are the cluster's identity; OWNER,
# who makes it, perhaps empty.

FILE=/var/lib/dockernet-etcd-${NAME:?}.token

# Members and machines are in the file for the run that was interrupted before Pulumi knew of it: only the same may use it.
identity() { printf '%s\n%s\n' "${MEMBERS:?}" "${MACHINES:?}"; }

check() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "etcd cluster ${PREFIX:?}: only root can make or remove it, and this is $(id -un)" >&2
    exit 1
  fi
}

up() {
  if [ "$(sed -e 1d -e '/^# /d' "$FILE" 2>/dev/null)" = "$(identity)" ]; then
    token=$(head -n 1 "$FILE")
  else
    token=$PREFIX-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
  fi
  { echo "$token" && identity && echo "# Owner: ${OWNER-}"; } >"$FILE.new"
  mv "$FILE.new" "$FILE"
  echo "$token"
}

down() { rm -f "$FILE" "$FILE.new"; }
