# shellcheck shell=sh
# Where the virtual machines of this host are, and their processes. Variable: NAME.

QEMU=qemu-system-x86_64
VMS=/var/lib/dockernet-vms # a folder for each, which only root may read

# The folder of the disks that they start from, in the cache of toolchain/cache.ts.
vm_cache() { echo "${DOCKERNET_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dockernet}/vm"; }

# The folder of the machine as a regular expression: a name may have a `.`, which must not stand for any character.
folder_pattern() { printf '%s' "$VMS/$NAME" | sed 's/[.]/[.]/g'; }

supervisors() { pgrep -f "^[^ ]*sh $(folder_pattern)/supervise[.]sh" || :; }
emulators() { pgrep -f "^$QEMU -name .* file=$(folder_pattern)/disk[.]qcow2" || :; }

# The processes of the machine, the supervisor's first.
processes() {
  supervisors
  emulators
}

# Whether it has its supervisor; QEMU may be about to start again.
running() { [ -n "$(supervisors)" ]; }
