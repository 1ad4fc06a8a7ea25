# shellcheck shell=sh
# The token that tells an etcd cluster from every other one. It is drawn once and kept on the first member's host. Verbs:
# those of verbs.sh, and `owned` (owned.sh), which takes no variables. Variables: NAME of the first member. Of check and up:
# PREFIX of the token; MEMBERS and HOSTS, which identify the cluster; OWNER (project/stack), may be empty.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh

SUBJECT="etcd cluster ${PREFIX-}"
FILE=/var/lib/dockernet-etcd-${NAME-}.token

# The file has members and hosts so that a creation which was interrupted before Pulumi recorded it is reused by the
# same cluster only.
identity() { printf '%s\n%s\n' "${MEMBERS:?}" "${HOSTS:?}"; }

check() {
  : "${NAME:?}" "${PREFIX:?}"
  as_root
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

down() {
  : "${NAME:?}"
  rm -f "$FILE" "$FILE.new"
}

owned() {
  for path in /var/lib/dockernet-etcd-*.token; do
    [ -e "$path" ] || continue
    name=${path##*/dockernet-etcd-}
    found "etcd token" "${name%.token}" "$(owner_line "$path" | agreed)"
  done
}
