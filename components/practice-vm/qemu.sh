# shellcheck shell=sh
# Requirements of virtual machines on this host. The including script includes prelude.sh and machines.sh first.

has_qemu() {
  [ "$(id -u)" -eq 0 ] || refuse "virtual machines need root, and this is $(id -un); run Pulumi as root, or use containers"
  [ "$(uname -m)" = x86_64 ] || refuse "virtual machines need an x86_64 host, and this is $(uname -m)"
  require_program "${QEMU:?}" qemu-system-x86
  require_program qemu-img qemu-utils
}
