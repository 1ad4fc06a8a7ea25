#!/bin/sh
# Makes the initial RAM disk: initrd.sh FILE. It holds busybox, init.sh, and the modules that init.sh loads to mount the disk.
set -eu
file=${1:?usage: initrd.sh FILE}

release=$(ls /usr/lib/modules)
root=$(mktemp -d)
mkdir -p "$root/bin" "$root/modules" "$root/proc" "$root/sys" "$root/dev" "$root/root"
cp /bin/busybox "$root/bin/"
ln -s busybox "$root/bin/sh"
install -m 0755 /usr/src/init.sh "$root/init"
for module in virtio_pci virtio_blk virtio_net virtio_rng ext4; do
  modprobe --set-version "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
  while read -r path; do
    module=$(basename "$path" .xz)
    case $path in
    *.xz) busybox unxz -c "$path" >"$root/modules/$module" ;; # since Debian 13
    *) cp "$path" "$root/modules/" ;;
    esac
    echo "$module" >>"$root/modules/order"
  done
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$file"
rm -r "$root"
