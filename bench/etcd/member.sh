# shellcheck shell=sh
# A further member of an etcd cluster by hand: the baseline of `npm run bench:etcd`. Verbs:
#   add      on the first host: lets the member join, and prints the members as in --initial-cluster
#   start    on its own host: starts etcd with INITIAL, which add has printed
#   healthy  on its own host: waits until it has a quorum and can write
#   remove   on the first host: takes it out of the cluster
#   stop     on its own host: stops it and removes its data
# Variables: NAME and ADDRESS of the member; FIRST, address of a member of the cluster; INITIAL.
set -eu

data=/var/lib/bench-etcd
ctl() {
  address=$1
  shift
  etcdctl --endpoints "http://$address:2379" --dial-timeout 1s "$@" </dev/null
}

# insist COMMAND...: etcd refuses a change until its members have been connected for 5 seconds.
insist() {
  for _ in $(seq 300); do
    if said=$("$@" 2>&1); then return; fi
    sleep 0.1
  done
  echo "$said" >&2
  return 1
}

add() {
  insist ctl "${FIRST:?}" member add "${NAME:?}" --peer-urls "http://${ADDRESS:?}:2380"
  echo "$said" | sed -n 's/^ETCD_INITIAL_CLUSTER="\(.*\)"$/\1/p'
}

start() {
  mkdir -p "$data"
  setsid nohup etcd --name "${NAME:?}" --initial-advertise-peer-urls "http://${ADDRESS:?}:2380" \
    --listen-peer-urls "http://$ADDRESS:2380" --listen-client-urls "http://$ADDRESS:2379,http://127.0.0.1:2379" \
    --advertise-client-urls "http://$ADDRESS:2379" --initial-cluster "${INITIAL:?}" --initial-cluster-state existing \
    --data-dir "$data/data" --enable-v2 </dev/null >"$data/log" 2>&1 &
  echo $! >"$data/pid"
}

healthy() {
  for _ in $(seq 600); do
    if ctl "${ADDRESS:?}" endpoint health >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  tail -n 3 "$data/log" >&2
  return 1
}

remove() {
  id=$(ctl "${FIRST:?}" member list | sed -n "s/^\([0-9a-f]*\), [a-z]*, ${NAME:?}, .*/\1/p")
  insist ctl "$FIRST" member remove "$id"
}

stop() {
  pid=$(cat "$data/pid")
  kill "$pid" 2>/dev/null || :
  timeout 10 tail --pid="$pid" -f /dev/null
  rm -rf "$data"
}
