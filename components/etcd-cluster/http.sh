# shellcheck shell=sh
# Requests to etcd's HTTP API. Variable: TLS (etcdctl.sh).

# http SEC ARGUMENT...: curl
http() {
  limit=$1
  shift
  if [ -n "$TLS" ]; then set -- --cacert "$TLS/ca.pem" --cert "$TLS/cert.pem" --key "$TLS/key.pem" "$@"; fi
  curl --noproxy '*' -sS -m "$limit" "$@"
}

# versions URL: the version of a member and that of its cluster, such as `3.5.35 3.5.0`; nothing if it does not answer, or if its
# cluster has not settled on one yet
versions() {
  http 3 -f "$1/version" 2>/dev/null | sed -n 's/.*"etcdserver":"\([0-9.]*\)".*"etcdcluster":"\([0-9.]*\)".*/\1 \2/p'
}
