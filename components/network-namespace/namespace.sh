# shellcheck shell=sh
# A network namespace with its loopback up (ip-netns(8)). The alias of the loopback is the owner's mark, so the mark
# exists as long as the namespace. Verbs: those of verbs.sh, and `owned` (owned.sh), which takes no variables and prints
# a line `hidden` if there are namespaces that only root can inspect. Variables: NAME, OWNER (project/stack).
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh

SUBJECT="network namespace ${NAME-}"

exists() { [ -e "/var/run/netns/${NAME:?}" ]; }
ours() { [ "$(alias_of -n "$NAME" link show dev lo)" = "${OWNER:?}" ]; }

check() {
  as_root
  require_program ip iproute2
  if exists && ! ours; then refuse "exists already and does not belong to $OWNER; it was left unchanged"; fi
}

up() {
  if ! exists; then
    ip netns add "$NAME"
    made=yes
  fi
  ip -n "$NAME" link set dev lo up alias "$OWNER"
}

down() {
  if exists; then
    as_root
    if [ "${made:-}" = yes ] || ours; then ip netns delete "$NAME"; fi
  fi
}

owned() {
  for path in /var/run/netns/*; do
    found namespace "${path##*/}" "$(alias_of -n "${path##*/}" link show dev lo)"
  done
  if [ "$(id -u)" -ne 0 ] && [ -n "$(ls /var/run/netns 2>/dev/null)" ]; then found hidden "network namespaces" "$(id -un)"; fi
}
