# shellcheck shell=sh
# One end of a virtual cable that was left among the interfaces of this host (veth(4)). Verbs: those of verbs.sh, and
# `owned` (owned.sh), which takes no variables. Variables: NAME; OWNER (project/stack), the interface's alias.
# shellcheck source=components/host-script/prelude.sh
. ../../../components/host-script/prelude.sh

ours() { [ "$(alias_of link show dev "${NAME:?}" type veth)" = "${OWNER:?}" ]; }

check() { :; }
up() { :; }
down() { if ours; then ip link delete dev "$NAME"; fi; }

owned() {
  ip -o link show type veth 2>/dev/null |
    sed -n 's/^[0-9]*: \([^@:]*\)[@:].*\\ *alias \(.*\)/interface\t\1\t\2/p'
}
