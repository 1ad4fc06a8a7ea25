#!/bin/sh
# Gives systemd and the node's engine the /proc, /sys and cgroups of a machine of their own, then becomes systemd.
set -eu

for each in /proc/sys /sys; do mount -o remount,bind,rw "$each"; done
# What the engine outside has hidden or made read-only below them: the kernel lets nobody mount a /proc for a container
# who does not see all of his own (mount_namespaces(7)).
awk '$5 ~ "^/(proc|sys)/" && $5 != "/proc/sys" && $5 !~ "^/sys/fs/cgroup" { print $5 }' /proc/self/mountinfo |
  while read -r hidden; do umount "$hidden"; done
for each in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if mountpoint -q "$each"; then mount -o remount,bind,rw "$each"; fi
done

# systemd would take the id of the virtual machine that all nodes may be in (machine-id(5)).
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id

# An uploaded file has mode 0644, and sshd refuses a host key that others may read.
key=/etc/ssh/ssh_host_ed25519_key
[ ! -f "$key" ] || chmod 600 "$key"

# On cgroup v1 an engine shows a container the whole machine's cgroups unless it was told otherwise.
exec unshare --cgroup /sbin/init
