# shellcheck shell=sh
# Paths and processes of this host's virtual machines. Variable: NAME.

QEMU=qemu-system-x86_64
VMS=/var/lib/dockernet-vms # a folder for each, which only root may read

# Folder of the base disks, in the cache of toolchain/cache.ts.
vm_cache() { echo "${DOCKERNET_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dockernet}/vm"; }

# The machine's folder as a regular expression: its name may contain a `.`, which must not match any character.
folder_pattern() { printf '%s' "$VMS/$NAME" | sed 's/[.]/[.]/g'; }

supervisors() { pgrep -f "^[^ ]*sh $(folder_pattern)/supervise[.]sh" || :; }
emulators() { pgrep -f "^$QEMU -name .* file=$(folder_pattern)/disk[.]qcow2" || :; }

# The processes of the machine, the supervisor's first.
processes() {
  supervisors
  emulators
}

# Whether the supervisor runs; QEMU may be about to start again.
running() { [ -n "$(supervisors)" ]; }
