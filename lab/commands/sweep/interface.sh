# shellcheck shell=sh
# One end of a cable that was left among the interfaces of this host (veth(4)). Variables: NAME; OWNER, its alias.

ours() { [ "$(ip -o link show dev "${NAME:?}" type veth 2>/dev/null | sed -n 's/.*\\ *alias //p')" = "${OWNER:?}" ]; }

check() { :; }
up() { :; }
down() { if ours; then ip link delete dev "$NAME"; fi; }
