#!/bin/sh
# The ENGINE of a world (../world.sh) from another system: it has the programs and libraries of that system, and the processes,
# devices, sockets and data of the world. Variables: SYSTEM, the folder of that system; PROGRAMS, a folder of programs that
# replace those of its /usr/sbin, may be empty; FOLDER of the world.
set -eu
# Its folder becomes the root of the mount namespace, since a command in a container starts from that root (setns(2)) and not
# from the root of chroot(2).
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
