#!/bin/sh
# The first process of the virtual machine: mounts the disk, unpacks the settings of this machine into it, which are a tar
# archive on the second disk, sets the address, and executes systemd.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/modules/$module"; done </modules/order
tries=0
until [ -b /dev/vda ] && [ -b /dev/vdb ] || [ $tries -ge 200 ]; do
  $b sleep 0.05
  tries=$((tries + 1))
done
$b mount -t ext4 -o rw,noatime /dev/vda /root
$b tar -x -f /dev/vdb -C /root
# shellcheck source=/dev/null
. /root/etc/dockernet-lan # ADDRESS with prefix length, and GATEWAY
$b ip link set lo up
$b ip link set eth0 up
$b ip address add "$ADDRESS" dev eth0
$b ip route add default via "$GATEWAY"
$b umount /proc /sys
$b mount --move /dev /root/dev
exec $b switch_root /root /sbin/init
