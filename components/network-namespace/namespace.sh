# shellcheck shell=sh
# One network namespace, its loopback up (ip-netns(8)). Variables: NAME, OWNER.
# The alias of its loopback says whose it is, so the mark lives and dies with the namespace.

refuse() {
  echo "network namespace ${NAME:?}: $1" >&2
  exit 1
}

# Without root nothing of a namespace can be seen, which must not look as if it were gone.
as_root() { [ "$(id -u)" -eq 0 ] || refuse "only root can make or remove it, and this is $(id -un); choose a host where the user is root"; }

exists() { [ -e "/var/run/netns/$NAME" ]; }
ours() { [ "$(ip -n "$NAME" -o link show dev lo 2>/dev/null | sed -n 's/.*\\ *alias //p')" = "${OWNER:?}" ]; }

check() {
  as_root
  command -v ip >/dev/null || refuse "the program ip is missing (package iproute2)"
  if exists && ! ours; then refuse "exists already and does not belong to $OWNER; it was left as it is"; fi
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
