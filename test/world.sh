#!/bin/sh
# A second engine on this machine, with a network, mounts and processes of its own, isolated from tests on the machine itself.
# Needs root, dockerd, ip, iptables, unshare and nsenter.
#   world.sh up FOLDER           creates it; FOLDER, which must not exist, holds the engine's data and log
#   world.sh run FOLDER COMMAND  runs a command in it, in the current directory
#   world.sh down FOLDER         stops all its processes and removes it
# Variables, each optional: ENGINE, the program of the engine, default dockerd; ENGINE_SETTINGS, its daemon.json, default this
# machine's; SEED, the data of an engine of the same kind, whose images and build cache are taken over.
set -eu
verb=${1:?usage: world.sh up|run|down FOLDER [COMMAND]}
folder=${2:?usage: world.sh up|run|down FOLDER [COMMAND]}
shift 2
name=lane-$(echo "$folder" | cksum | cut -d ' ' -f 1 | cut -c 1-6)
# In the block for network benchmarks (RFC 2544), which no lab uses.
block=198.18.$((${name#*-} % 256))

inside() {
  pid=$(cat "$folder/pid")
  nsenter --net="/run/netns/$name" --mount="/proc/$pid/ns/mnt" --pid="/proc/$pid/ns/pid" --wd="$PWD" -- "$@"
}

# rules -I|-D: inserts or deletes the iptables rules that let packets out of it and back.
rules() {
  iptables -t nat "$1" POSTROUTING -s "$block.2" ! -o "$name" -j MASQUERADE
  iptables "$1" FORWARD -i "$name" -j ACCEPT
  iptables "$1" FORWARD -o "$name" -j ACCEPT
}

# A layer is never written to again, so both engines can share its files by hard links on one file system. An engine mounts its
# folder on itself, and links do not cross a mount, so they are made below another mount of the root.
seed() {
  mkdir "$folder/root"
  # shellcheck disable=SC2016 # the inner shell expands it
  if ! unshare --mount sh -euc 'mount --bind / "$2/root"; cp -al "$2/root$1/overlay2" "$2/root$2/docker/"' \
    sh "$SEED" "$folder" 2>/dev/null; then
    rm -rf "$folder/docker/overlay2"
    cp -a "$SEED/overlay2" "$folder/docker/"
  fi
  for part in image buildkit; do [ ! -d "$SEED/$part" ] || cp -a "$SEED/$part" "$folder/docker/"; done
}

up() {
  mkdir "$folder" "$folder/docker" "$folder/containerd" "$folder/cgroup"
  mkdir -p /var/lib/docker /var/lib/containerd
  [ -z "${SEED:-}" ] || seed
  ip netns add "$name"
  ip link add "$name" type veth peer name eth0 netns "$name"
  ip address add "$block.1/30" dev "$name"
  ip link set "$name" up
  ip -n "$name" link set lo up
  ip -n "$name" address add "$block.2/30" dev eth0
  ip -n "$name" link set eth0 up
  ip -n "$name" route add default via "$block.1"
  # Engines with nftables do not set this themselves, and do not start with IPv6 without it.
  [ ! -e /proc/sys/net/ipv6 ] || ip netns exec "$name" sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.forwarding=1
  sysctl -qw net.ipv4.ip_forward=1
  rules -I

  # Its first process is a shell that reaps orphaned processes. It has a /proc and a /sys of its own, and an empty /run for
  # sockets and the names of network namespaces.
  # shellcheck disable=SC2016 # the inner shell expands it
  setsid nsenter --net="/run/netns/$name" unshare --mount --pid --fork sh -euc '
    mount --make-rprivate /
    mount -t proc proc /proc
    mount --rbind /sys/fs/cgroup "$1/cgroup"
    mount -t sysfs sysfs /sys
    mount --rbind "$1/cgroup" /sys/fs/cgroup
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir /run/lock /run/netns
    mount --bind "$1/docker" /var/lib/docker
    mount --bind "$1/containerd" /var/lib/containerd
    while :; do sleep 60 & wait; done' sh "$folder" >"$folder/first.log" 2>&1 </dev/null &
  parent=$!
  until pgrep --parent "$parent" >"$folder/pid"; do sleep 0.1; done
  until inside mountpoint --quiet /var/lib/containerd; do sleep 0.1; done
  settings=${ENGINE_SETTINGS:-/etc/docker/daemon.json}
  option=--default-cgroupns-mode=private
  if [ -f "$settings" ]; then
    cp "$settings" "$folder/daemon.json"
    option=--config-file=$folder/daemon.json
  fi
  # shellcheck disable=SC2016 # the inner shell expands it
  FOLDER=$folder inside sh -c 'setsid "$1" "$2" >"$3" 2>&1 </dev/null &' sh "${ENGINE:-dockerd}" "$option" "$folder/dockerd.log"
  tries=120
  until inside docker version >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then
      tail -n 5 "$folder/dockerd.log" >&2
      return 1
    fi
    sleep 0.5
  done
}

down() {
  if [ -s "$folder/pid" ]; then kill -9 "$(cat "$folder/pid")" || :; fi
  rules -D || :
  ip netns delete "$name" || :
  # The engine's mounts go with its processes, which take a moment to exit.
  tries=20
  until rm -rf "$folder" 2>/dev/null || [ "$tries" = 0 ]; do
    tries=$((tries - 1))
    sleep 0.5
  done
}

case $verb in
up) up ;;
run) inside "$@" ;;
down) down ;;
*)
  echo "usage: world.sh up|run|down FOLDER [COMMAND]" >&2
  exit 2
  ;;
esac
