# shellcheck shell=sh
# An orphaned interface on this host: one end of a veth pair (veth(4)), or the interface of a virtual machine. Verbs:
# those of verbs.sh, and `owned` (owned.sh), which takes no variables. Variables: NAME; OWNER (project/stack), the
# interface's alias.
# shellcheck source=components/host-script/prelude.sh
. ../../../components/host-script/prelude.sh

ours() {
  for type in veth tun; do
    if [ "$(alias_of link show dev "${NAME:?}" type $type)" = "${OWNER:?}" ]; then return; fi
  done
  return 1
}

check() { :; }
up() { :; }
down() { if ours; then ip link delete dev "$NAME"; fi; }

owned() {
  for type in veth tun; do
    ip -o link show type $type 2>/dev/null |
      sed -n 's/^[0-9]*: \([^@:]*\)[@:].*\\ *alias \(.*\)/interface\t\1\t\2/p'
  done
}
