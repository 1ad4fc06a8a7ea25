# shellcheck shell=sh
# One etcd member on this host: its program (install.sh), its data, its process (process.sh), and its place in the cluster
# (membership.sh). Verbs: those of verbs.sh, and
#   look NAME...   makes checks without a change (look.sh): programs, supervisor, address, data, ports, package, archive
#   owned          prints the members on this host and their owners (owned.sh); takes no variables
# Variables: NAME, which is all that down needs; with the others it leaves its cluster first. Of check, look and up: ADDRESS,
# PEER_PORT, CLIENT_PORT; TOKEN, of look empty if the cluster does not exist yet; SUPERVISOR (systemd or nohup); V2 (yes or no);
# SOURCE and what install.sh needs for it. Of up: MEMBERS (as in --initial-cluster); PEERS and EXISTS (cluster.sh); CA, CERTIFICATE and KEY of the
# member in PEM, all empty for a cluster without TLS; ALONE (alone.sh), FLAGS and OWNER (project/stack), each may be empty.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/look.sh
. ../host-script/look.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh
# shellcheck source=components/etcd-cluster/common.sh
. ./common.sh
# shellcheck source=components/etcd-cluster/install.sh
. ./install.sh
# shellcheck source=components/etcd-cluster/process.sh
. ./process.sh
# shellcheck source=components/etcd-cluster/cluster.sh
. ./cluster.sh
# shellcheck source=components/etcd-cluster/turn.sh
. ./turn.sh
# shellcheck source=components/etcd-cluster/membership.sh
. ./membership.sh
# shellcheck source=components/etcd-cluster/alone.sh
. ./alone.sh
# shellcheck source=components/etcd-cluster/http.sh
. ./http.sh
# shellcheck source=components/etcd-cluster/upgrade.sh
. ./upgrade.sh

SUBJECT="etcd member ${NAME-}"
SCHEME_FIX="a living cluster is not changed from one to the other: set tls as it was, or replace the token, which makes an empty cluster (pulumi up --replace, with the resource that ends in -creation)"

listener() { ss -H -ltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, process \2/p' | head -n 1; }

check_programs() {
  require_program ss iproute2
  require_program ip iproute2
  require_program flock util-linux
}

check_supervisor() {
  [ "${SUPERVISOR:?}" != systemd ] || [ -d /run/systemd/system ] || refuse "this host is not run by systemd"
}

check_address() {
  has_address "${ADDRESS:?}" || refuse "no interface of this host has the address $ADDRESS"
}

check_data() {
  if [ -e "$STATE/token" ] && [ "$(cat "$STATE/token")" != "${TOKEN?}" ]; then
    refuse "$STATE has the data of another cluster ($(cat "$STATE/token")); destroy that one, or remove its data"
  fi
}

# The URLs of a living cluster's members are in its data, so they are not changed.
check_tls() {
  case $(cat "$STATE/bootstrap" 2>/dev/null) in
  *=https://*) [ -n "${CERTIFICATE-}" ] || refuse "its cluster runs with TLS, and $SCHEME_FIX" ;;
  *=http://*) [ -z "${CERTIFICATE-}" ] || refuse "its cluster runs without TLS, and $SCHEME_FIX" ;;
  esac
}

check_ports() {
  if ! running; then
    for port in "${CLIENT_PORT:?}" "${PEER_PORT:?}"; do
      holder=$(listener "$port")
      [ -z "$holder" ] || refuse "port $port is taken ($holder)"
    done
  fi
}

check() {
  : "${NAME:?}" "${TOKEN:?}"
  as_root
  check_programs
  check_supervisor
  check_address
  check_data
  check_tls
  check_ports
  "check_${SOURCE:?}"
  check_upgrade
}

up() {
  (umask 077 && mkdir -p "$STATE")
  TLS=
  if [ -n "${CERTIFICATE?}" ]; then
    keep_certificates "$CERTIFICATES" "${CA:?}" "$CERTIFICATE" "${KEY:?}"
    echo "${OWNER-}" >"$CERTIFICATES/owner"
  fi
  own_urls
  echo "$TOKEN" >"$STATE/token"
  echo "${OWNER-}" >"$STATE/owner"
  if has_data; then
    CLUSTER=$OWN since=$(revision Revision) # a change that fails from now on concerns this one
    note_v2
  fi
  locked "install_$SOURCE"
  program_folder >>"$STATE/program" # the previous one stays listed, for a rollback
  know_api "$(etcdctl_path)"
  set +e
  (
    set -e
    if has_data; then resume; else enter; fi
  )
  code=$?
  set -e
  [ "$code" -eq 0 ] || go_back "$code"
  rm -f "$UNIT_FILE.old"
  [ -z "$TLS" ] || use_certificates "$CERTIFICATES"
  echo "${ALONE-}" >"$STATE/alone"
  program_folder >"$STATE/program"
  locked link_programs
  locked prune
  echo "$NAME: etcd $(version_of "$(program_folder)/etcd"), configuration $({
    arguments
    [ -z "$TLS" ] || echo "${TLS##*/}"
  } | sha256sum | cut -c 1-12)"
}

# Ends a failed up with its exit code. A program that the member does not run is removed.
go_back() {
  if [ -e "$UNIT_FILE" ]; then
    last_command | sed 's|/etcd .*||' >"$STATE/program"
    locked prune
  fi
  exit "$1"
}

down() {
  : "${NAME:?}"
  as_root
  own_urls
  leave
  stop_systemd
  stop_nohup
  rm -rf "$STATE" "/var/lib/private/$UNIT" "$LOG" "$CERTIFICATES"
  locked prune
}

owned() {
  for path in /etc/systemd/system/dockernet-etcd-*.service /var/lib/dockernet-etcd-*/. /var/lib/private/dockernet-etcd-*/. /etc/dockernet-etcd-*/.; do
    [ ! -e "$path" ] || echo "$path"
  done | sed 's|.*/dockernet-etcd-||; s|/\.$||; s|\.service$||' | sort -u | while read -r name; do
    found "etcd member" "$name" "$({
      unit=/etc/systemd/system/dockernet-etcd-$name.service
      [ ! -e "$unit" ] || owner_line "$unit"
      for data in "/var/lib/dockernet-etcd-$name" "/var/lib/private/dockernet-etcd-$name" "/etc/dockernet-etcd-$name"; do
        [ ! -d "$data" ] || owner_file "$data"
      done
    } | agreed)"
  done
}
