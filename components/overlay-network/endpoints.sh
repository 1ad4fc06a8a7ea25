# shellcheck shell=sh
# Releases the endpoints that lost hosts have left on the overlay network NAME, whose names and addresses no container could
# have again. A script includes this file. Variables: STORE, the URL that the engine shows; ADDRESS, which the engine
# advertises, and ADDRESSES, those of all engines; without the addresses of all, both are empty.

# shellcheck source=components/etcd-cluster/etcdctl.sh
. ../etcd-cluster/etcdctl.sh

# With the certificates of this host's engine (engine.sh of the cluster store).
store() {
  TLS=$(certificates_of /var/lib/dockernet-cluster-store/certificates)
  ask 10 etcdctl 2 "$(scheme)://${STORE#etcd://}" "$@" </dev/null 2>/dev/null
}

value_of() { printf '%s\n' "$1" | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p"; }

# stale ADDRESS NAME: whether no engine has this address, or this host's engine has it and no such container on the network.
stale() {
  case " ${ADDRESSES:?} " in *" $1 "*) ;; *) return 0 ;; esac
  [ "$1" = "$ADDRESS" ] && own=$(timeout 20 docker ps --all --filter "network=${NAME:?}" --format '{{.Names}}') &&
    ! printf '%s\n' "$own" | grep -Fqx "$2"
}

# release_endpoints NETWORK_ID
release_endpoints() {
  if [ -z "${ADDRESS:-}" ]; then return; fi
  for key in $(store ls "/docker/network/v1.0/endpoint/$1"); do
    endpoint=$(store get "$key") || continue
    name=$(value_of "$endpoint" name) locator=$(value_of "$endpoint" locator)
    if [ -n "$name" ] && [ -n "$locator" ] && stale "$locator" "$name"; then
      timeout 60 docker network disconnect --force "$NAME" "$name" >/dev/null 2>&1 || :
    fi
  done
}
