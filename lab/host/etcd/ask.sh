# shellcheck shell=sh
# Single questions to etcd from a member's host, with the certificates of the member there if it has any.
#   ask_member SEC URL   prints the answer; a URL that begins with a slash is that of the host's own member
#   certificates         prints a fact for each certificate that etcd or the engine uses: whose it is, the certificate and the CAs
#                  that it comes with, in base64
# shellcheck source=components/etcd-cluster/etcdctl.sh
. ../../../components/etcd-cluster/etcdctl.sh
# shellcheck source=components/etcd-cluster/http.sh
. ../../../components/etcd-cluster/http.sh

ask_member() {
  TLS=
  for folder in /etc/dockernet-etcd-*/now; do
    if [ -e "$folder" ]; then TLS=$folder; fi
  done
  case $2 in
  /*) http "$1" "$(scheme)://127.0.0.1:2379$2" ;;
  *) http "$1" "$2" ;;
  esac
}

certificates() {
  for folder in /var/lib/dockernet-etcd-*/tls /var/lib/dockernet-cluster-store/certificates/now; do
    [ -e "$folder/cert.pem" ] || continue
    case $folder in */tls) whose=etcd ;; *) whose=engine ;; esac
    echo "certificate $whose $(base64 -w 0 "$folder/cert.pem") $(base64 -w 0 "$folder/ca.pem")"
  done
}
