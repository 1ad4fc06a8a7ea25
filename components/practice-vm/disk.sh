# shellcheck shell=sh
# The base disk of virtual machines, created from an image and kept in this user's cache, with the image's kernel and
# initial RAM disk. `up` prints `kvm` or `tcg`, for KVM or software emulation, and the folder. Variable: IMAGE, the
# image's id here.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/practice-vm/machines.sh
. ./machines.sh
# shellcheck source=components/practice-vm/qemu.sh
. ./qemu.sh
# shellcheck source=components/practice-vm/kvm.sh
. ./kvm.sh

SUBJECT="disk of virtual machines"
SPARE_MIB=200 # for the file system's own tables

check() {
  has_qemu
  require_program mke2fs e2fsprogs
}

# Needs no mount and no loop device. Several runs may create it at the same time: one of them gives the folder its name.
make() {
  mkdir -p "$(dirname "$1")"
  work=$(mktemp -d "$1.XXXXXX")
  container=$(docker create "${IMAGE:?}" true)
  mkdir "$work/root"
  docker export "$container" | tar -x -p --numeric-owner -C "$work/root"
  docker rm "$container" >/dev/null
  mv "$work/root/boot/vmlinuz" "$work/root/boot/initrd" "$work/" || {
    rm -rf "$work"
    refuse "the image $IMAGE could not be exported, or it has no kernel"
  }
  truncate -s "$(($(du -sm "$work/root" | cut -f 1) * 5 / 4 + SPARE_MIB))M" "$work/disk.raw"
  mke2fs -q -t ext4 -d "$work/root" "$work/disk.raw"
  rm -rf "$work/root"
  mv -T "$work" "$1" 2>/dev/null || rm -rf "$work"
}

up() {
  folder=$(vm_cache)/$(echo "${IMAGE#sha256:}" | cut -c 1-12)
  [ -f "$folder/disk.raw" ] || make "$folder"
  if has_kvm "$folder/vmlinuz"; then
    echo "kvm $folder"
  else
    echo "KVM does not work on this host: virtual machines run in software emulation, which is about ten times slower (a minute or two to boot)" >&2
    echo "tcg $folder"
  fi
}

down() { :; }
