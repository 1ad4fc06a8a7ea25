#!/bin/sh
# The engine of another system in a world (../world.sh), which is to run it as its ENGINE: it has the programs and libraries
# of that system, and of the world its processes, devices, sockets and data. Variables: SYSTEM, the folder of that system;
# PROGRAMS, a folder of programs that stand in for those of its /usr/sbin, or nothing; FOLDER, the world's.
set -eu
# Its folder becomes the root of the mount namespace, since a command in a container starts from that one (setns(2)) and not
# from where chroot(2) has led.
# shellcheck disable=SC2016 # the inner shell expands it
exec unshare --mount sh -euc '
  mount --bind "$SYSTEM" "$SYSTEM"
  for folder in /proc /sys /dev /run /var/lib/docker /var/lib/containerd "$FOLDER"; do
    mkdir -p "$SYSTEM$folder"
    mount --rbind "$folder" "$SYSTEM$folder"
  done
  for program in ${PROGRAMS:+"$PROGRAMS"/*}; do
    mount --bind "$program" "$SYSTEM/usr/sbin/${program##*/}"
  done
  cd "$SYSTEM"
  mkdir -p old
  pivot_root . old
  umount --lazy /old
  exec dockerd "$@"' sh "$@"
