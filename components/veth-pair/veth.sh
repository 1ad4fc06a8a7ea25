# shellcheck shell=sh
# A virtual cable between two network namespaces (veth(4)). Variables: for each end A and B its _NAMESPACE, _NAME and
# _ADDRESS (with prefix length); NETWORK, the block that both addresses are in.

refuse() {
  echo "veth pair ${A_NAME:?}, ${B_NAME:?}: $1" >&2
  exit 1
}

# Without root nothing of a namespace can be seen, which must not look as if it were gone.
as_root() { [ "$(id -u)" -eq 0 ] || refuse "only root can make or remove it, and this is $(id -un); choose a host where the user is root"; }

exists() { ip -n "$1" link show dev "$2" >/dev/null 2>&1; }
is_veth() { [ -n "$(ip -n "$1" -o link show dev "$2" type veth 2>/dev/null)" ]; }
number() { ip netns exec "$1" cat "/sys/class/net/$2/$3"; }

# Whether both ends are there, and each is the other's.
connected() {
  is_veth "${A_NAMESPACE:?}" "$A_NAME" && is_veth "${B_NAMESPACE:?}" "$B_NAME" &&
    [ "$(number "$A_NAMESPACE" "$A_NAME" iflink)" = "$(number "$B_NAMESPACE" "$B_NAME" ifindex)" ] &&
    [ "$(number "$B_NAMESPACE" "$B_NAME" iflink)" = "$(number "$A_NAMESPACE" "$A_NAME" ifindex)" ]
}

# The first of the host's routes, of whichever table and type, that lead into the block and not everywhere, as a default
# route and the two halves of one do.
routes() {
  {
    ip -4 route show table all root "${NETWORK:?}"
    ip -4 route show table all match "$NETWORK"
  } | grep -Ev '^((local|unreachable|blackhole|prohibit) )?(default|0\.0\.0\.0/1|128\.0\.0\.0/1) |^(broadcast|throw) ' | sort | sed -n '1s/ *$//p'
}

# address NAMESPACE INTERFACE ADDRESS: gives the interface this address and no other, and sets it up.
address() {
  has=$(ip -n "$1" -o -4 address show dev "$2" | awk '{ print $4 }')
  if [ "$has" != "$3" ]; then
    ip -n "$1" -4 address flush dev "$2"
    ip -n "$1" address add "$3" dev "$2"
  fi
  ip -n "$1" link set dev "$2" up alias "$(owner "$1")"
}

# Who made a namespace, by the alias of its loopback. An end that is moved out of it by hand still says whose it is.
owner() { ip -n "$1" -o link show dev lo | sed -n 's/.*\\ *alias //p'; }

check() {
  as_root
  taken=$(routes)
  [ -z "$taken" ] ||
    refuse "$NETWORK overlaps a route of this host ($taken); a reply to the host from there would be another machine's"
  if connected; then return; fi
  if exists "$A_NAMESPACE" "$A_NAME"; then refuse "namespace $A_NAMESPACE has an interface $A_NAME already"; fi
  if exists "$B_NAMESPACE" "$B_NAME"; then refuse "namespace $B_NAMESPACE has an interface $B_NAME already"; fi
}

up() {
  connected || ip link add "$A_NAME" netns "$A_NAMESPACE" type veth peer name "$B_NAME" netns "$B_NAMESPACE"
  address "$A_NAMESPACE" "$A_NAME" "${A_ADDRESS:?}"
  address "$B_NAMESPACE" "$B_NAME" "${B_ADDRESS:?}"
}

# remove NAMESPACE INTERFACE: one end gone is both gone, and so is a cable whose namespace goes at this moment.
remove() {
  if is_veth "$1" "$2"; then ip -n "$1" link delete dev "$2" || ! is_veth "$1" "$2"; fi
}

down() {
  as_root
  remove "${A_NAMESPACE:?}" "${A_NAME:?}"
  remove "${B_NAMESPACE:?}" "${B_NAME:?}"
}
