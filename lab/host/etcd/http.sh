# shellcheck shell=sh
# Requests to etcd's HTTP API. Variable: TLS (etcdctl.sh).

# http SEC ARGUMENT...: curl
http() {
  limit=$1
  shift
  if [ -n "$TLS" ]; then set -- --cacert "$TLS/ca.pem" --cert "$TLS/cert.pem" --key "$TLS/key.pem" "$@"; fi
  curl --noproxy '*' -sS -m "$limit" "$@"
}
