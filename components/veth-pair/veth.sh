# shellcheck shell=sh
# A veth pair between two network namespaces (veth(4)). Variables: A_NAMESPACE, A_NAME and A_ADDRESS (with prefix
# length), and the same with B_ for the other end; NETWORK, the block of both addresses; MTU of both ends, in bytes.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="veth pair ${A_NAME:?}, ${B_NAME:?}"

exists() { ip -n "$1" link show dev "$2" >/dev/null 2>&1; }
is_veth() { [ -n "$(ip -n "$1" -o link show dev "$2" type veth 2>/dev/null)" ]; }
number() { ip netns exec "$1" cat "/sys/class/net/$2/$3"; }

# Whether both ends exist and are each other's peers.
connected() {
  is_veth "${A_NAMESPACE:?}" "$A_NAME" && is_veth "${B_NAMESPACE:?}" "$B_NAME" &&
    [ "$(number "$A_NAMESPACE" "$A_NAME" iflink)" = "$(number "$B_NAMESPACE" "$B_NAME" ifindex)" ] &&
    [ "$(number "$B_NAMESPACE" "$B_NAME" iflink)" = "$(number "$A_NAMESPACE" "$A_NAME" ifindex)" ]
}

# Prints the first route of the host, of any table and type, that overlaps the block. Ignores default routes and their
# two halves.
routes() {
  {
    ip -4 route show table all root "${NETWORK:?}"
    ip -4 route show table all match "$NETWORK"
  } | grep -Ev '^((local|unreachable|blackhole|prohibit) )?(default|0\.0\.0\.0/1|128\.0\.0\.0/1) |^(broadcast|throw) ' | sort | sed -n '1s/ *$//p'
}

# address NAMESPACE INTERFACE ADDRESS: makes this the interface's only IPv4 address, sets its MTU, and brings it up.
address() {
  has=$(ip -n "$1" -o -4 address show dev "$2" | awk '{ print $4 }')
  if [ "$has" != "$3" ]; then
    ip -n "$1" -4 address flush dev "$2"
    ip -n "$1" address add "$3" dev "$2"
  fi
  ip -n "$1" link set dev "$2" mtu "${MTU:?}" up alias "$(owner "$1")"
}

# Prints the owner mark of a namespace. Both ends carry it too, in case one is moved to another namespace.
owner() { alias_of -n "$1" link show dev lo; }

check() {
  as_root
  taken=$(routes)
  [ -z "$taken" ] ||
    refuse "$NETWORK overlaps a route of this host ($taken); replies to the host would come from another machine"
  if connected; then return; fi
  if exists "$A_NAMESPACE" "$A_NAME"; then refuse "namespace $A_NAMESPACE has an interface $A_NAME already"; fi
  if exists "$B_NAMESPACE" "$B_NAME"; then refuse "namespace $B_NAMESPACE has an interface $B_NAME already"; fi
}

up() {
  connected || ip link add "$A_NAME" netns "$A_NAMESPACE" type veth peer name "$B_NAME" netns "$B_NAMESPACE"
  address "$A_NAMESPACE" "$A_NAME" "${A_ADDRESS:?}"
  address "$B_NAMESPACE" "$B_NAME" "${B_ADDRESS:?}"
}

# remove NAMESPACE INTERFACE: deletes both ends by deleting one. Accepts that a pair disappears with its namespace.
remove() {
  if is_veth "$1" "$2"; then ip -n "$1" link delete dev "$2" || ! is_veth "$1" "$2"; fi
}

down() {
  as_root
  remove "${A_NAMESPACE:?}" "${A_NAME:?}"
  remove "${B_NAMESPACE:?}" "${B_NAME:?}"
}
