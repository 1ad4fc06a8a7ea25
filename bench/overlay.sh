#!/bin/sh
# The lab `overlay` with plain commands, in sequence: the baseline of `npm run bench:overlay`.
#   overlay.sh up|down
# Variables: ID, the prefix of all names; NODE and TINY, images; LAN, the first three bytes of a /24; SCRATCH, a folder.
set -eu

: "${ID:?}" "${NODE:?}" "${TINY:?}" "${LAN:?}" "${SCRATCH:?}"

node1=$LAN.141
node2=$LAN.142
members=docker-node1=http://$node1:2380,docker-node2=http://$node2:2380

on() {
  address=$1
  shift
  ssh -n -F /dev/null -i "$SCRATCH/user" -o BatchMode=yes -o IdentitiesOnly=yes -o LogLevel=ERROR -o ConnectTimeout=3 \
    -o UserKnownHostsFile="$SCRATCH/known" -o GlobalKnownHostsFile=/dev/null "root@$address" "$@"
}

# Runs a step and prints its duration in milliseconds.
step() {
  what=$1
  shift
  began=$(date +%s%N)
  "$@"
  printf '%s %d\n' "$what" "$((($(date +%s%N) - began) / 1000000))"
}

lan() { docker network create --subnet "$LAN.0/24" "$ID" >/dev/null; }
keys() { for each in user docker-node1 docker-node2; do ssh-keygen -q -t ed25519 -N '' -f "$SCRATCH/$each"; done; }

node() {
  name=$1
  address=$2
  docker create --name "$ID-$name" --hostname "$name" --network "$ID" --ip "$address" \
    --cap-add NET_ADMIN --cap-add SYS_ADMIN --cap-add SYS_PTRACE \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --tmpfs /run:exec --tmpfs /run/lock --tmpfs /tmp:exec --volume "$ID-$name:/var/lib/docker" --tty "$NODE" >/dev/null
  docker cp "$SCRATCH/user.pub" "$ID-$name:/etc/ssh/authorized_keys"
  docker cp "$SCRATCH/$name" "$ID-$name:/etc/ssh/ssh_host_ed25519_key"
  echo "$address $(cut -d ' ' -f 1,2 "$SCRATCH/$name.pub")" >>"$SCRATCH/known"
  docker start "$ID-$name" >/dev/null
}

await() {
  for _ in $(seq 120); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.5
  done
  echo "failed for a minute: $*" >&2
  return 1
}

# With the tutorial's flags and nohup; etcd needs --enable-v2 since 3.4.
etcd() {
  on "$2" "nohup etcd --name $1 --initial-advertise-peer-urls http://$2:2380 --listen-peer-urls http://$2:2380 \
    --listen-client-urls http://$2:2379,http://127.0.0.1:2379 --advertise-client-urls http://$2:2379 \
    --initial-cluster-token etcd-cluster --initial-cluster $members --initial-cluster-state new \
    --data-dir /var/lib/etcd/$1 --enable-v2 >/var/log/etcd.log 2>&1 &"
}

store() {
  on "$1" "mkdir -p /etc/systemd/system/docker.service.d && printf '[Service]\nExecStart=\nExecStart=%s\n' \
    '/usr/sbin/dockerd -H fd:// --cluster-store=etcd://$1:2379 --cluster-advertise=$1:2375' \
    >/etc/systemd/system/docker.service.d/store.conf && systemctl daemon-reload && systemctl restart docker"
}

image() {
  docker save "$TINY" | ssh -F /dev/null -i "$SCRATCH/user" -o BatchMode=yes -o IdentitiesOnly=yes -o LogLevel=ERROR \
    -o UserKnownHostsFile="$SCRATCH/known" "root@$1" docker load >/dev/null
}

create() { on "$node1" docker network create --driver overlay --subnet 10.10.0.0/24 demo >/dev/null; }
container() { on "$2" docker run --detach --name "$1" --hostname "$1" --network demo "$TINY" >/dev/null; }
ping() { on "$node1" docker exec test12 ping -c 1 -W 5 test13 >/dev/null; }

up() {
  step keys keys
  step network lan
  step node1 node docker-node1 "$node1"
  step ready1 await on "$node1" docker version
  step node2 node docker-node2 "$node2"
  step ready2 await on "$node2" docker version
  step etcd1 etcd docker-node1 "$node1"
  step etcd2 etcd docker-node2 "$node2"
  step quorum await on "$node1" "etcdctl --endpoints http://$node1:2379,http://$node2:2379 endpoint health"
  step store1 store "$node1"
  step store2 store "$node2"
  step demo create
  step shown await on "$node2" docker network inspect demo
  step image1 image "$node1"
  step image2 image "$node2"
  step test12 container test12 "$node1"
  step test13 container test13 "$node2"
  step ping ping
}

down() {
  docker rm --force --volumes "$ID-docker-node1" "$ID-docker-node2" >/dev/null 2>&1 || true
  docker volume rm --force "$ID-docker-node1" "$ID-docker-node2" >/dev/null
  docker network rm "$ID" >/dev/null
}

case ${1-} in
up | down) "$1" ;;
*)
  echo "usage: overlay.sh up|down" >&2
  exit 2
  ;;
esac
