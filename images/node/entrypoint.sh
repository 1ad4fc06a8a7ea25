#!/bin/sh
# Mounts a separate /proc, /sys and cgroups for systemd and the node's engine, then executes systemd.
set -eu

for each in /proc/sys /sys; do mount -o remount,bind,rw "$each"; done
# Unmounts what the outer engine hid or made read-only below them: the kernel allows the mount of a container's /proc only to
# a process that sees all of its own (mount_namespaces(7)).
awk '$5 ~ "^/(proc|sys)/" && $5 != "/proc/sys" && $5 !~ "^/sys/fs/cgroup" { print $5 }' /proc/self/mountinfo |
  while read -r hidden; do umount "$hidden"; done
for each in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if mountpoint -q "$each"; then mount -o remount,bind,rw "$each"; fi
done

# systemd would use the id of the virtual machine that all nodes may run on (machine-id(5)).
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id

# An uploaded file has mode 0644, and sshd refuses a host key that is readable by others.
key=/etc/ssh/ssh_host_ed25519_key
[ ! -f "$key" ] || chmod 600 "$key"

# On cgroup v1 an engine shows a container all cgroups of the machine by default.
exec unshare --cgroup /sbin/init
