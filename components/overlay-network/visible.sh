# shellcheck shell=sh
# Waits until this host's engine shows a network that was created on another one. Variables: NAME, ID, STORE; ADDRESS and
# ADDRESSES (endpoints.sh of the cluster store).
# shellcheck source=components/cluster-store-engine/endpoints.sh
. ../cluster-store-engine/endpoints.sh
# shellcheck source=components/overlay-network/settled.sh
. ./settled.sh

check() { :; }
# Those of containers that were removed after a crash would keep the network from being removed.
down() { release_endpoints "${ID:?}"; }

up() {
  settle
  for _ in $(seq 60); do
    seen=$(timeout 20 docker network inspect --format '{{.Id}}' "${NAME:?}" 2>/dev/null || true)
    if [ "$seen" = "${ID:?}" ]; then
      release_endpoints "$ID"
      echo "$seen"
      return
    fi
    sleep 0.5
  done
  store=$(timeout 20 docker info --format '{{.ClusterStore}}' 2>/dev/null || true)
  echo "overlay network $NAME: the engine of $(hostname) does not show it with the id $ID after 30 s" \
    "(it shows ${seen:-none}; its cluster store is ${store:-none})" >&2
  return 1
}
