# shellcheck shell=sh
# Removes endpoints from the cluster store that belong to no container, and whose names and addresses no container could have
# again (`endpoint with name … already exists in network …`). A script includes this file. Variables: STORE, the URL that the
# engine shows, and ADDRESS, which it advertises (of_this_engine sets both), may be empty; ADDRESSES, those of all engines, or
# empty: then those of other engines are kept.

# shellcheck source=components/etcd-cluster/etcdctl.sh
. ../etcd-cluster/etcdctl.sh

of_this_engine() {
  STORE='' ADDRESS=''
  joined=$(timeout 20 docker info --format '{{.ClusterStore}} {{.ClusterAdvertise}}' 2>/dev/null) || return 0
  STORE=${joined% *} ADDRESS=${joined#* }
  ADDRESS=${ADDRESS%:*}
}

# With the certificates of this host's engine (engine.sh of the cluster store).
store() {
  TLS=$(certificates_of /var/lib/dockernet-cluster-store/certificates)
  ask 10 etcdctl 2 "$(scheme)://${STORE#etcd://}" "$@" </dev/null 2>/dev/null
}

value_of() { printf '%s\n' "$1" | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p"; }

# A host that is gone has left it.
is_lost() {
  [ -n "${ADDRESSES:-}" ] || return
  case " $ADDRESSES " in *" $1 "*) return 1 ;; esac
}

# is_left ADDRESS NAME NETWORK: it is of this host's engine, and no such container runs on the network.
is_left() {
  [ "$1" = "$ADDRESS" ] && running_there=$(timeout 20 docker ps --filter "network=$3" --format '{{.Names}}' 2>/dev/null) &&
    ! printf '%s\n' "$running_there" | grep -Fqx "$2"
}

# look_for_stale NETWORK_ID: prints a line `KEY NETWORK_ID NAME` for each; of all networks if it is empty, here and below
look_for_stale() {
  for key in $(store ls --recursive "/docker/network/v1.0/endpoint${1:+/$1}"); do
    case $key in */endpoint/*/*) network=${key%/*} network=${network##*/} ;; *) continue ;; esac
    endpoint=$(store get "$key") || continue
    name=$(value_of "$endpoint" name) locator=$(value_of "$endpoint" locator)
    if [ -n "$name" ] && [ -n "$locator" ] && { is_lost "$locator" || is_left "$locator" "$name" "$network"; }; then
      echo "$key $network $name"
    fi
  done
}

# stale_endpoints NETWORK_ID: prints a line `NETWORK_ID NAME` for each. A container that is just starting has its endpoint before
# it runs, so it looks twice.
stale_endpoints() {
  [ -n "${ADDRESS:-}" ] || return 0
  seen_before=$(look_for_stale "$1")
  [ -n "$seen_before" ] || return 0
  sleep 2
  look_for_stale "$1" | grep -Fx "$seen_before" | cut -d ' ' -f 2- || :
}

# release_endpoints NETWORK_ID. The engine removes an endpoint by force only of a container that it does not know.
release_endpoints() {
  stale_endpoints "$1" | while read -r network name; do
    hidden=
    if [ "$(timeout 20 docker container inspect --format '{{.State.Running}}' "$name" 2>/dev/null)" = false ] &&
      timeout 20 docker rename "$name" "$name.released"; then hidden=yes; fi
    timeout 60 docker network disconnect --force "$network" "$name" >/dev/null 2>&1 || :
    [ -z "$hidden" ] || timeout 20 docker rename "$name.released" "$name"
  done
}
