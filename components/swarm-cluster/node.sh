# shellcheck shell=sh
# This host's Docker engine as a node of a swarm. Verbs: those of verbs.sh, and
#   look NAME...   makes checks without a change (look.sh): engine, address; takes ADDRESS and DATA_ADDRESS
#   owned          prints the owner of the swarm that is set here (owned.sh); takes no variables
#   go_alone       makes this manager the only one of its swarm, which has no quorum, and keeps services and networks; prints a line
#                  `copy FOLDER`, where the managers' data of before is; takes ADDRESS and DATA_ADDRESS
#   rejoin         lets this host, which creates the swarm but is in none, join that of JOIN with TOKEN, that of a manager; takes
#                  ADDRESS, DATA_ADDRESS and OWNER
# Variables: ADDRESS, which the node advertises to the others; DATA_ADDRESS, to which the others send VXLAN packets; OWNER
# (project/stack), may be empty. Of the first manager, which creates the swarm: DATA_PORT, UDP port of VXLAN; POOLS, blocks for
# networks without a subnet, may be empty, and POOL_PREFIX; OTHERS, the addresses of the other managers. Of all others: JOIN, the
# address of the first; CLUSTER, the id of its swarm; TOKEN, which lets a node in.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/look.sh
. ../host-script/look.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh
# shellcheck source=components/cluster-store-engine/gwbridge.sh
. ../cluster-store-engine/gwbridge.sh
# shellcheck source=components/swarm-cluster/manager.sh
. ./manager.sh

SUBJECT="Swarm mode of this host's Docker engine"
MANAGER_PORT=2377

engine() { timeout 90 docker "$@" </dev/null; }
info() { timeout "${LOOK_SEC:-20}" docker info --format "$1" 2>/dev/null </dev/null; }
ENGINE_DATA=$(info '{{.DockerRootDir}}' | grep '^/' || echo /var/lib/docker)
# With the engine's data, which has the node's membership, too.
STATE=$ENGINE_DATA/dockernet-swarm
SWARM_DATA=$ENGINE_DATA/swarm
node_state() { info '{{.Swarm.LocalNodeState}}'; }

check_engine() {
  require_program docker docker.io
  require_program curl curl
  state=$(node_state) || refuse "it does not answer; start it first" 3
  # New docker commands have no such field.
  store=$(info '{{.ClusterStore}}' || :)
  [ -z "$store" ] ||
    refuse "it keeps its networks in the cluster store $store, which excludes Swarm mode; destroy the environment that set it first"
  [ "$(info '{{.LiveRestoreEnabled}}')" = false ] ||
    refuse "live-restore is set, which excludes Swarm mode; take it out of daemon.json and restart the engine"
  case $state in
  inactive) ;;
  locked) refuse "its swarm is locked; unlock it first (docker swarm unlock)" ;;
  *) [ -e "$STATE/owner" ] ||
    refuse "it is in a swarm that was not made here; leave that one first (docker swarm leave)" ;;
  esac
}

check_address() {
  for each in "${ADDRESS:?}" "${DATA_ADDRESS:?}"; do
    has_address "$each" || refuse "no interface of this host has the address $each, which the other nodes would be told"
  done
}

check() {
  as_root
  check_engine
  check_address
}

# Whether the engine is in the swarm that it should be in.
is_member() {
  [ "$state" = active ] || return 1
  [ -z "${JOIN-}" ] || [ "$(cat "$STATE/cluster" 2>/dev/null)" = "${CLUSTER:?}" ]
}

# has_swarm ADDRESS: whether a manager answers there, whatever it says (curl(1), EXIT CODES: 7 refused, 28 time limit).
has_swarm() {
  code=0
  curl -s -k -m 3 --noproxy '*' -o /dev/null "https://$1:$MANAGER_PORT/" || code=$?
  [ "$code" -ne 7 ] && [ "$code" -ne 28 ]
}

create() {
  for other in ${OTHERS-}; do
    if has_swarm "$other"; then
      refuse "the manager $other has a swarm, and this engine is in none; put that manager first, so that this one joins it"
    fi
  done
  set -- --advertise-addr "$ADDRESS" --data-path-addr "$DATA_ADDRESS" --data-path-port "${DATA_PORT:?}"
  for pool in ${POOLS-}; do set -- "$@" --default-addr-pool "$pool"; done
  if [ -n "${POOLS-}" ]; then set -- "$@" --default-addr-pool-mask-length "${POOL_PREFIX:?}"; fi
  # What it prints when it succeeds has a token.
  said=$(engine swarm init "$@" 2>&1) || refuse "no swarm could be created: $(echo "$said" | tail -n 1)"
}

# The token is in the request's body: the command `docker swarm join` takes it as an argument, which every user sees.
join() {
  said=$(printf '{"ListenAddr":"0.0.0.0:%s","AdvertiseAddr":"%s","DataPathAddr":"%s","RemoteAddrs":["%s:%s"],"JoinToken":"%s"}' \
    "$MANAGER_PORT" "$ADDRESS" "$DATA_ADDRESS" "$JOIN" "$MANAGER_PORT" "${TOKEN:?}" |
    request 90 swarm/join) || :
  [ "$(echo "$said" | tail -n 1)" = "status 200" ] ||
    refuse "it could not join the swarm of $JOIN: $(echo "$said" | head -n 1 | cut -c 1-300)"
}

# copy_data TO: copies the managers' data while the engine runs. A manager without a quorum writes no more than its votes.
copy_data() {
  for _ in 1 2 3 4 5; do
    rm -rf "$1"
    (umask 077 && cp -a "$SWARM_DATA" "$1")
    if diff -rq "$SWARM_DATA" "$1" >/dev/null 2>&1; then return; fi
  done
  refuse "its data changes while it is copied to $1; stop the engine and copy $SWARM_DATA by hand"
}

has_quorum() { engine node ls --quiet >/dev/null 2>&1; }

require_lone_manager() {
  [ "$(info '{{.Swarm.ControlAvailable}}')" = true ] || refuse "it is no manager of a swarm"
  if has_quorum; then refuse "its managers have a quorum, so it stays one of them"; fi
}

# force_new_cluster COPY
force_new_cluster() {
  # What it prints when it succeeds has a token.
  said=$(engine swarm init --force-new-cluster --advertise-addr "${ADDRESS:?}" --data-path-addr "${DATA_ADDRESS:?}" 2>&1) ||
    refuse "it could not go on alone (its data of before is in $1): $(echo "$said" | tail -n 1)"
  for _ in $(seq 60); do
    if has_quorum; then return; fi
    sleep 0.5
  done
}

# Nodes that join from now on know of tasks, and of other containers on the swarm's networks only if they start after that.
restart_attached() {
  for network in $(engine network ls --quiet --filter scope=swarm); do engine ps --quiet --filter "network=$network"; done |
    sort -u | while read -r id; do
    task=$(engine container inspect --format '{{index .Config.Labels "com.docker.swarm.task.id"}}' "$id")
    [ -n "$task" ] || engine restart --time 1 "$id" >/dev/null
  done
}

go_alone() {
  as_root
  require_lone_manager
  copy=$STATE/before-$(date -u +%Y-%m-%dT%H-%M-%SZ)
  copy_data "$copy"
  force_new_cluster "$copy"
  restart_attached
  echo "copy $copy"
}

rejoin() {
  as_root
  if [ "$(node_state)" != inactive ]; then return; fi
  mkdir -p "$STATE"
  note_networks
  echo "${OWNER-}" >"$STATE/owner"
  join
}

leave() {
  engine swarm leave --force >/dev/null 2>&1 || :
  for _ in $(seq 60); do
    state=$(node_state || :)
    if [ "$state" = inactive ]; then break; fi
    sleep 0.5
  done
  [ "$state" = inactive ] || refuse "it did not leave its swarm (docker swarm leave --force)"
  # An engine keeps those that it has used until it restarts.
  for network in $(engine network ls --quiet --filter scope=swarm); do engine network rm "$network" >/dev/null 2>&1 || :; done
}

is_elsewhere() { [ -n "${JOIN-}" ] && [ -e "$STATE/cluster" ] && [ "$(cat "$STATE/cluster")" != "${CLUSTER:?}" ]; }

no_majority() {
  refuse "it finds no majority of the managers of its swarm; start them, or if they lost their data, let one go on alone (docker swarm init --force-new-cluster)"
}

# An engine that starts with its swarm's data is in it once it finds the managers. To leave would lose that data.
await_swarm() {
  for _ in $(seq 60); do
    state=$(node_state || :)
    case $state in
    pending | '') sleep 1 ;;
    *) return ;;
    esac
  done
  is_elsewhere || no_majority
}

# await_token: prints the token of workers, for which the managers may elect a leader first.
await_token() {
  for _ in $(seq 30); do
    if said=$(engine swarm join-token --quiet worker 2>&1); then
      echo "$said"
      return
    fi
    case $said in
    *leader* | *deadline*) sleep 1 ;;
    *) refuse "it is no manager of its swarm any more; promote it on another manager (docker node promote)" ;;
    esac
  done
  no_majority
}

up() {
  mkdir -p "$STATE"
  note_networks
  echo "${OWNER-}" >"$STATE/owner"
  await_swarm
  if [ "$state" != inactive ] && ! is_member; then leave; fi
  if [ "$state" != inactive ]; then :; elif [ -n "${JOIN-}" ]; then join; else create; fi
  if [ -n "${JOIN-}" ]; then
    echo "$CLUSTER" >"$STATE/cluster"
  else
    token=$(await_token)
    echo "cluster $(info '{{.Swarm.Cluster.ID}}')"
    echo "token $token"
  fi
  echo "node $(info '{{.Swarm.NodeID}}')"
}

down() {
  as_root
  if [ ! -d "$STATE" ]; then return; fi
  state=$(node_state) || refuse "it does not answer, so it cannot leave its swarm; start it first"
  if [ "$state" != inactive ]; then leave; fi
  remove_gwbridge
  rm -rf "$STATE"
}

owned() { [ ! -d "$STATE" ] || found "swarm node" docker.service "$(owner_file "$STATE")"; }
