# shellcheck shell=sh
# Makes this host's Docker engine keep its networks in an etcd cluster, by a drop-in of its systemd unit. Verbs: those of
# verbs.sh, and
#   look NAME...   makes checks without a change (look.sh): engine, settings; takes no other variables
#   owned          prints the owner of the store that is set here (owned.sh); takes no variables
# Variables of check and up (down takes none): ENDPOINT, etcd's client URL; CLUSTER, the token of the etcd cluster; ADDRESS
# and PORT, which the engine advertises to the others; BOOT_SEC, how long it waits for etcd when it starts, in seconds;
# STARTED, the script that its unit runs after each start (started.sh); CA, CERTIFICATE and KEY in PEM, all empty for an endpoint
# without TLS; LISTEN, further sockets, and OWNER (project/stack), may be empty.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/look.sh
. ../host-script/look.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh
# shellcheck source=components/cluster-store-engine/restart.sh
. ./restart.sh
# shellcheck source=components/cluster-store-engine/gossip.sh
. ./gossip.sh
# shellcheck source=components/cluster-store-engine/gwbridge.sh
. ./gwbridge.sh
# shellcheck source=components/etcd-cluster/etcdctl.sh
. ../etcd-cluster/etcdctl.sh

SUBJECT="cluster store of this host's Docker engine"
DROP_INS=/etc/systemd/system/docker.service.d
DROP_IN=$DROP_INS/zz-dockernet-cluster-store.conf # the last of them, since it continues the others' command line
STATE=/var/lib/dockernet-cluster-store
CERTIFICATES=$STATE/certificates
STARTED_SCRIPT=$STATE/started.sh
ANSWER_SEC=${LOOK_SEC:-20}

info() { timeout "$ANSWER_SEC" docker info --format "$1" 2>/dev/null; }
# etcd API ARGUMENT...: asks the endpoint
etcd() {
  version_of_api=$1
  shift
  ask 10 etcdctl "$version_of_api" "${ENDPOINT:?}" "$@" </dev/null 2>/dev/null
}
store_url() { echo "etcd://${ENDPOINT#*://}"; }

# Whether the engine is older than 23.0, by its version, or by its API if the version is not a number: 23.0 has 1.42.
has_stores() {
  major=$(printf '%s\n' "$version" | sed -n 's/^v\{0,1\}\([1-9][0-9]*\)\..*/\1/p')
  minor=$(printf '%s\n' "$api" | sed -n 's/^1\.\([0-9]\{1,\}\)$/\1/p')
  if [ -n "$major" ]; then [ "$major" -le 20 ]; else [ "${minor:-42}" -lt 42 ]; fi
}

check_engine() {
  said=$(timeout "$ANSWER_SEC" docker version --format '{{.Server.Version}} {{.Server.APIVersion}}' 2>/dev/null) ||
    refuse "it does not answer; start it first"
  version=${said% *} api=${said##* }
  has_stores || refuse "it is version $version, and Docker dropped cluster stores in 23.0: use 20.10, or Swarm mode"
  swarm=$(info '{{.Swarm.LocalNodeState}}') || refuse "it does not answer in time" 3
  [ "$swarm" = inactive ] ||
    refuse "it is in Swarm mode, which excludes a cluster store; leave the swarm first (docker swarm leave)"
  systemctl --quiet is-active docker.service || refuse "it is not run by systemd as docker.service"
  store=$(info '{{.ClusterStore}}')
  [ -z "$store" ] || [ -e "$DROP_IN" ] || refuse "it has one already, $store, which was not set here"
}

check_settings() {
  if ! has_settings "$CONFIG"; then return; fi
  command -v python3 >/dev/null || refuse "the program python3 is missing (package python3), which edits $CONFIG for a restart"
  python3 -I -c 'import json, sys; sys.exit(not isinstance(json.load(sys.stdin), dict))' <"$CONFIG" 2>/dev/null ||
    refuse "its settings in $CONFIG are not a JSON object; it does not start with them"
}

# The engine writes without TLS if it cannot use its certificates, so etcdctl, which reads them as the engine does, uses them first.
check_etcd() {
  require_program etcdctl etcd-client
  (
    trap 'rm -rf "$kept_for_check"' EXIT
    kept_for_check=$(umask 077 && mktemp -d)
    [ -z "$CERTIFICATE" ] || keep_certificates "$kept_for_check" "$CA" "$CERTIFICATE" "$KEY"
    ask_etcd
  )
}

ask_etcd() {
  version=$(etcd 3 endpoint status | cut -d , -f 3 | tr -d ' ')
  case $version in
  3.[345].*) ;;
  '')
    problem=$(tls_problem etcdctl "$ENDPOINT")
    refuse "etcd does not answer at $ENDPOINT${problem:+: $problem}"
    ;;
  *) refuse "etcd at $ENDPOINT is version $version, and a cluster store needs the v2 API of 3.3 to 3.5" ;;
  esac
  etcd 2 ls / >/dev/null || refuse "etcd at $ENDPOINT does not answer its v2 API; start it with --enable-v2"
}

check() {
  as_root
  check_engine
  check_settings
  has_address "${ADDRESS:?}" ||
    refuse "no interface of this host has the address $ADDRESS, which the other engines would be told"
  check_etcd
}

# The command line that the unit and the other drop-ins start, unchanged.
exec_start() {
  # shellcheck disable=SC2046 # one word a path
  cat "$(systemctl show -p FragmentPath --value docker.service)" \
    $(systemctl show -p DropInPaths --value docker.service | tr ' ' '\n' | grep -Fvx "$DROP_IN") |
    sed -e ':start' -e '/\\$/{' -e 'N' -e 's/\\\n/ /' -e 'b start' -e '}' | sed -n 's/^ExecStart *= *//p' | grep . | tail -n 1
}

# Whether the engine's environment has a proxy.
behind_proxy() {
  pid=$(systemctl show -p MainPID --value docker.service)
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -Eiq '^https?_proxy=.'
}

# A prefix of the engine's command that excludes the members from its proxy, besides the unit's own list.
past_proxy() {
  hosts=$({
    printf '%s\n' "$ADDRESS" "${ENDPOINT#*://}"
    etcd 3 member list | grep -o 'https\{0,1\}://[^, ]*' | sed 's|.*//||'
  } | sed 's/:.*//' | sort -u | paste -sd , -)
  # shellcheck disable=SC2016 # variables that systemd fills in
  printf '/usr/bin/env NO_PROXY=${NO_PROXY},${no_proxy},%s' "$hosts"
}

store_options() {
  [ -z "$TLS" ] || printf ' --cluster-store-opt=%s' "kv.cacertfile=$TLS/ca.pem" "kv.certfile=$TLS/cert.pem" "kv.keyfile=$TLS/key.pem"
}

drop_in() {
  command=$(exec_start)
  [ -n "$command" ] || refuse "its unit docker.service has no ExecStart"
  for socket in ${LISTEN?}; do command="$command -H $socket"; done
  if behind_proxy; then command="$(past_proxy) $command"; fi
  printf '# Owner: %s\n[Service]\nExecStart=\nExecStart=%s\n' "${OWNER-}" "$command --cluster-store=$(store_url) --cluster-advertise=$ADDRESS:${PORT:?}$(store_options)"
  # Waits for etcd at boot: without it, containers on networks of the store would not be started. Engines that have waited for
  # the same quorum start one after the other: of two that write to the store at once, one leaves endpoints there for good.
  printf 'ExecStartPre=-/usr/bin/timeout %s /bin/sh -c "%s; %s"\n' "${BOOT_SEC:?}" \
    "until no_proxy=* NO_PROXY=* ETCDCTL_API=3 etcdctl $(credentials 3) --endpoints=${ENDPOINT:?} endpoint health; do waited=yes; sleep 0.3; done" \
    "test -z \$\$waited || sleep $((${ADDRESS##*.} % 4 * 4))"
  printf 'ExecStartPost=-/bin/sh %s\n' "$STARTED_SCRIPT"
  # The unit's own limit is three starts a minute, after which systemd starts the engine no more.
  printf '[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=12\n'
}

# Whether the engine shows the store, and the store shows the engine.
joined() {
  [ "$(info '{{.ClusterStore}} {{.ClusterAdvertise}}')" = "$(store_url) $ADDRESS:$PORT" ] &&
    etcd 2 ls /docker/nodes | grep -Fqx "/docker/nodes/$ADDRESS:$PORT"
}

await_joined() {
  for _ in $(seq 60); do
    if joined; then return; fi
    sleep 0.5
  done
  return 1
}

# The engines in the store whose gossip port answers, and which this one has not met.
unmet() {
  acquaintances=$(met)
  [ -n "$acquaintances" ] || return 0
  for other in $(etcd 2 ls /docker/nodes | sed 's|.*/||; s/:.*//' | sort -V); do
    if ! printf '%s\n' "$acquaintances" | grep -Fqx "$other" && gossips "$other"; then echo "$other"; fi
  done
}

gossips() {
  ! command -v curl >/dev/null ||
    [ "$(curl --noproxy '*' -s -o /dev/null -m 1 -w '%{num_connects}' "http://$1:7946" </dev/null)" = 1 ]
}

# Whether the engine is the one of its group that is to start once more: the group with the lowest address stays as it is.
moves() {
  group=$(met | sort -V | head -n 1)
  [ "$group" = "$ADDRESS" ] && [ "$(printf '%s\n' "$group" "$1" | sort -V | head -n 1)" != "$group" ]
}

# Waits until the engine has met all others, and restarts it if it is in another group: then it joins one of them, at random.
meet_others() {
  for round in 1 2 3 4 5 last; do
    for _ in $(seq 10); do
      left=$(unmet)
      [ -n "$left" ] || return 0
      sleep 0.5
    done
    if [ "$round" = last ] || ! moves "$left"; then return 0; fi
    echo "it has not met the engines of $(echo "$left" | paste -sd ' ' -); it is restarted to join one of them" >&2
    restart && await_joined || return
  done
}

up() {
  mkdir -p "$STATE" "$DROP_INS"
  note_networks
  TLS=
  [ -z "${CERTIFICATE?}" ] || keep_certificates "$CERTIFICATES" "${CA:?}" "$CERTIFICATE" "${KEY:?}"
  echo "${OWNER-}" >"$STATE/owner"
  printf '%s\n' "${STARTED:?}" >"$STARTED_SCRIPT"
  drop_in >"$STATE/drop-in"
  if same_settings "$STATE/drop-in" "$DROP_IN" && joined; then
    cp "$STATE/drop-in" "$DROP_IN"
    systemctl daemon-reload
  else
    if [ -e "$DROP_IN" ]; then cp "$DROP_IN" "$STATE/previous"; fi
    cp "$STATE/drop-in" "$DROP_IN"
    { restart && await_joined && meet_others; } || roll_back
    rm -f "$STATE/previous"
  fi
  if [ -n "$TLS" ]; then use_certificates "$CERTIFICATES"; else rm -rf "$CERTIFICATES"; fi
  store_url
}

roll_back() {
  echo "$SUBJECT: it does not start with it; its last lines:" >&2
  journalctl -u docker.service -n 10 -o cat --no-pager >&2
  if [ -e "$STATE/previous" ]; then mv "$STATE/previous" "$DROP_IN"; else rm -f "$DROP_IN"; fi
  restart && echo "the previous configuration was restored" >&2
  exit 1
}

# setting NAME: a value of the engine's command line in the drop-in.
setting() { sed -n "s/^ExecStart=.* --cluster-$1[= ]\([^ ]*\).*/\1/p" "$DROP_IN"; }

# An engine that starts now would take this one for its neighbor until its entry expires, after a minute, and stay alone.
forget_engine() {
  TLS=$(certificates_of "$CERTIFICATES")
  ask 5 etcdctl 2 "$(scheme)://${1#etcd://}" rm "/docker/nodes/$2" </dev/null >/dev/null 2>&1 || :
}

down() {
  as_root
  if [ -e "$DROP_IN" ]; then
    store=$(setting store) advertised=$(setting advertise)
    rm "$DROP_IN"
    restart
    forget_engine "$store" "$advertised"
  fi
  # After the restart the engine no longer asks the store, which may be down.
  remove_gwbridge
  rmdir --ignore-fail-on-non-empty "$DROP_INS" 2>/dev/null || true
  rm -rf "$STATE"
}

owned() {
  found "cluster store" docker.service "$({
    [ ! -e "$DROP_IN" ] || owner_line "$DROP_IN"
    [ ! -d "$STATE" ] || owner_file "$STATE"
  } | agreed)"
}
