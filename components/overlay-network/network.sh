# shellcheck shell=sh
# An overlay network in the cluster store of this host's engine. Variables: NAME; SUBNET; LABELS, one per line; STORE,
# the URL that the engine must report; CLUSTER, the token of the etcd cluster behind it; ADDRESS and ADDRESSES
# (endpoints.sh).
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/overlay-network/endpoints.sh
. ./endpoints.sh
# shellcheck source=components/overlay-network/settled.sh
. ./settled.sh

SUBJECT="overlay network ${NAME:?}"

engine() { timeout 60 docker "$@"; }
inspect() { engine network inspect --format "$1" "$NAME" 2>/dev/null; }
exists() { engine network inspect "$NAME" >/dev/null 2>&1; }

# shellcheck disable=SC2016 # a template of Go, not of the shell
ours() {
  [ "$(inspect '{{.Driver}} {{.Scope}}{{range .IPAM.Config}} {{.Subnet}}{{end}}')" = "overlay global ${SUBNET:?}" ] &&
    [ "$(inspect '{{range $key, $value := .Labels}}{{$key}}={{$value}}{{"\n"}}{{end}}' | grep . | sort)" = "$(echo "${LABELS:?}" | sort)" ]
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
    engine network create --driver overlay --subnet "$SUBNET" $(echo "$LABELS" | sed 's/^/--label /') "$NAME"
  fi
}

down() {
  if ours; then
    release_endpoints "$(inspect '{{.Id}}')"
    engine network rm "$NAME" >/dev/null
  fi
}
