# shellcheck shell=sh
# An overlay network of a swarm, made on this host, a manager. Variables: NAME; SUBNET, may be empty; ATTACHABLE and ENCRYPTED,
# true or false; MTU, may be empty; LABELS, a line each; CLUSTER, the id of the swarm.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/overlay-network/named.sh
. ../overlay-network/named.sh
# shellcheck source=components/swarm-network/encryption.sh
. ./encryption.sh
# shellcheck source=components/swarm-cluster/manager.sh
. ../swarm-cluster/manager.sh

SUBJECT="swarm network ${NAME:?}"

ours() {
  [ "$(inspect '{{.Driver}} {{.Scope}}')" = "overlay swarm" ] && has_labels
}

check() {
  : "${CLUSTER:?}"
  require_encryption
  require_manager
  if exists && ! ours; then refuse "a network of this name exists already and does not belong to this environment; it was left unchanged"; fi
}

up() {
  if exists; then
    inspect '{{.Id}}'
    return
  fi
  set -- --driver overlay
  if [ -n "${SUBNET-}" ]; then set -- "$@" --subnet "$SUBNET"; fi
  if [ "${ATTACHABLE:?}" = true ]; then set -- "$@" --attachable; fi
  if [ "${ENCRYPTED:?}" = true ]; then set -- "$@" --opt encrypted; fi
  if [ -n "${MTU-}" ]; then set -- "$@" --opt "com.docker.network.driver.mtu=$MTU"; fi
  # shellcheck disable=SC2046 # one word a label, which has no spaces
  engine network create "$@" $(label_options) "$NAME"
}

# Tasks of a service that was removed keep it for a while.
down() {
  for _ in $(seq 60); do
    if ! ours; then return; fi
    said=$(engine network rm "$NAME" 2>&1) || :
    sleep 0.5
  done
  if ours; then refuse "it is still in use: $(echo "$said" | tail -n 1)"; fi
}
