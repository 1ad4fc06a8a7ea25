# shellcheck shell=sh
# Where the virtual machines of this host are, and their processes. Variable: NAME.

QEMU=qemu-system-x86_64
VMS=/var/lib/dockernet-vms # a folder for each, which only root may read

# The folder of the disks that they start from, in the cache of toolchain/cache.ts.
vm_cache() { echo "${DOCKERNET_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dockernet}/vm"; }

# The processes of the machine, the supervisor's first.
processes() {
  pgrep -f "^[^ ]*sh $VMS/$NAME/supervise.sh" || :
  pgrep -f "^$QEMU -name $NAME .*$VMS/$NAME/disk.qcow2" || :
}

# Whether it has its supervisor; QEMU may be about to start again.
running() { pgrep -f "^[^ ]*sh $VMS/$NAME/supervise.sh" >/dev/null; }
