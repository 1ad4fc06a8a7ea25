# shellcheck shell=sh
# An overlay network in the cluster store of this host's engine. Variables: NAME; SUBNET; LABELS, one per line; STORE,
# the URL that the engine must report; CLUSTER, the token of the etcd cluster behind it; ADDRESS and ADDRESSES
# (endpoints.sh of the cluster store).
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/overlay-network/named.sh
. ./named.sh
# shellcheck source=components/cluster-store-engine/endpoints.sh
. ../cluster-store-engine/endpoints.sh
# shellcheck source=components/overlay-network/settled.sh
. ./settled.sh

SUBJECT="overlay network ${NAME:?}"

ours() {
  [ "$(inspect '{{.Driver}} {{.Scope}}{{range .IPAM.Config}} {{.Subnet}}{{end}}')" = "overlay global ${SUBNET:?}" ] && has_labels
}

check() {
  store=$(engine info --format '{{.ClusterStore}}') || refuse "the engine does not answer"
  [ "$store" = "${STORE:?}" ] || refuse "the engine has ${store:-no cluster store}, expected $STORE"
  if exists && ! ours; then refuse "a network of this name exists already and does not belong to this environment; it was left unchanged"; fi
}

up() {
  settle
  if exists; then
    id=$(inspect '{{.Id}}')
    release_endpoints "$id"
    echo "$id"
  else
    # shellcheck disable=SC2046 # one word a label, which has no spaces
    engine network create --driver overlay --subnet "$SUBNET" $(label_options) "$NAME"
  fi
}

down() {
  if ours; then
    release_endpoints "$(inspect '{{.Id}}')"
    engine network rm "$NAME" >/dev/null
  fi
}
