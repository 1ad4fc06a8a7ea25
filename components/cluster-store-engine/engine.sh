# shellcheck shell=sh
# Makes this machine's Docker engine keep its networks in an etcd cluster. Variables: ENDPOINT, etcd's client URL;
# CLUSTER, the token of the etcd cluster; ADDRESS and PORT, which the engine tells the others; LISTEN, further sockets;
# OWNER, who sets it, perhaps empty.

DROP_INS=/etc/systemd/system/docker.service.d
DROP_IN=$DROP_INS/zz-dockernet-cluster-store.conf # the last of them, since it continues what the others say
STATE=/var/lib/dockernet-cluster-store
CONFIG=/etc/docker/daemon.json
STORE=etcd://${ENDPOINT#http://}

refuse() {
  echo "cluster store of this machine's Docker engine: $1" >&2
  exit 1
}

as_root() { [ "$(id -u)" -eq 0 ] || refuse "only root can set or remove it, and this is $(id -un)"; }

info() { timeout 20 docker info --format "$1" 2>/dev/null; }
# Of the machine's own proxy (/etc/environment) members of the cluster are no affair.
etcd() { timeout 10 env no_proxy='*' NO_PROXY='*' ETCDCTL_API="$1" etcdctl --endpoints "${ENDPOINT:?}" "$2" "$3" 2>/dev/null; }

# Whether the engine is older than 23.0, by its version, or where that is no number by that of its API: 23.0 has 1.42.
has_stores() {
  major=$(printf '%s\n' "$version" | sed -n 's/^v\{0,1\}\([1-9][0-9]*\)\..*/\1/p')
  minor=$(printf '%s\n' "$api" | sed -n 's/^1\.\([0-9]\{1,\}\)$/\1/p')
  if [ -n "$major" ]; then [ "$major" -le 20 ]; else [ "${minor:-42}" -lt 42 ]; fi
}

check_engine() {
  said=$(timeout 20 docker version --format '{{.Server.Version}} {{.Server.APIVersion}}' 2>/dev/null) ||
    refuse "it does not answer; start it first"
  version=${said% *} api=${said##* }
  has_stores || refuse "it is version $version, and Docker dropped cluster stores in 23.0: use 20.10, or Swarm mode"
  [ "$(info '{{.Swarm.LocalNodeState}}')" = inactive ] ||
    refuse "it is in Swarm mode, which excludes a cluster store; leave the swarm first (docker swarm leave)"
  systemctl --quiet is-active docker.service || refuse "it is not run by systemd as docker.service"
  store=$(info '{{.ClusterStore}}')
  [ -z "$store" ] || [ -e "$DROP_IN" ] || refuse "it has one already, $store, which was not set here"
}

check_etcd() {
  command -v etcdctl >/dev/null || refuse "the program etcdctl is missing (package etcd-client)"
  version=$(etcd 3 endpoint status | cut -d , -f 3 | tr -d ' ')
  case $version in
  3.[345].*) ;;
  '') refuse "etcd does not answer at $ENDPOINT" ;;
  *) refuse "etcd at $ENDPOINT is version $version, and a cluster store needs the v2 API of 3.3 to 3.5" ;;
  esac
  etcd 2 ls / >/dev/null || refuse "etcd at $ENDPOINT does not answer its v2 API; start it with --enable-v2"
}

check() {
  as_root
  check_engine
  ip -o -4 address show | awk '{ sub("/.*", "", $4); print $4 }' | grep -Fqx "${ADDRESS:?}" ||
    refuse "no interface of this machine has the address $ADDRESS, which the other engines would be told"
  check_etcd
}

# What the unit and the others' drop-ins start, word for word.
exec_start() {
  # shellcheck disable=SC2046 # one word a path
  cat "$(systemctl show -p FragmentPath --value docker.service)" \
    $(systemctl show -p DropInPaths --value docker.service | tr ' ' '\n' | grep -Fvx "$DROP_IN") |
    sed -e ':start' -e '/\\$/{' -e 'N' -e 's/\\\n/ /' -e 'b start' -e '}' | sed -n 's/^ExecStart *= *//p' | grep . | tail -n 1
}

# Whether the engine has a proxy in its environment, wherever that comes from.
behind_proxy() {
  pid=$(systemctl show -p MainPID --value docker.service)
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -Eiq '^https?_proxy=.'
}

# What goes before the engine's command so that the store is no affair of its proxy: the unit's own list, and the members.
past_proxy() {
  hosts=$({
    printf '%s\n' "$ADDRESS" "${ENDPOINT#http://}"
    etcd 3 member list | grep -o 'http://[^, ]*' | sed 's|.*//||'
  } | sed 's/:.*//' | sort -u | paste -sd , -)
  # shellcheck disable=SC2016 # variables that systemd fills in
  printf '/usr/bin/env NO_PROXY=${NO_PROXY},${no_proxy},%s' "$hosts"
}

drop_in() {
  command=$(exec_start)
  [ -n "$command" ] || refuse "its unit docker.service has no ExecStart"
  for socket in ${LISTEN?}; do command="$command -H $socket"; done
  if behind_proxy; then command="$(past_proxy) $command"; fi
  printf '# Owner: %s\n[Service]\nExecStart=\nExecStart=%s\n' "${OWNER-}" "$command --cluster-store=$STORE --cluster-advertise=$ADDRESS:${PORT:?}"
  # At a boot etcd may not be there yet, and containers of networks in it would not be started.
  printf 'ExecStartPre=-/usr/bin/timeout 30 /bin/sh -c "%s"\n' \
    "until no_proxy=* NO_PROXY=* ETCDCTL_API=3 etcdctl --endpoints=${ENDPOINT:?} endpoint health; do sleep 0.3; done"
  # After a crash the engine still has endpoints of overlay networks that went with their namespaces. It forgets them
  # when it starts, but lets no container onto such a network until it starts again.
  # shellcheck disable=SC2016 # a variable of the shell that systemd starts
  printf 'ExecStartPost=-/bin/sh -c "%s"\n' \
    'journalctl --sync; journalctl _SYSTEMD_INVOCATION_ID=$$INVOCATION_ID -o cat | grep -q Failure.during.overlay.endpoints.restore && systemctl --no-block restart docker.service'
}

# Until live-restore is set, an engine that stops or starts stops its containers. Here it is lent for a restart, in the
# file, which is put back afterwards; a file that has its own word on it is left alone.
lend_live_restore() {
  if grep -qs '"live-restore"' "$CONFIG"; then return; fi
  if [ -e "$CONFIG" ]; then cp -p "$CONFIG" "$CONFIG.dockernet"; else : >"$CONFIG.dockernet"; fi
  write_live_restore true
  # An engine with a cluster store must not be told to read its file: 20.10 then stops telling the store that it is
  # there, and the second time it hangs. It need not be told either, as it was started with this.
  if ! store=$(info '{{.ClusterStore}}') || [ -n "$store" ] || reload true; then return; fi
  put_config_back
}

write_live_restore() {
  case $(tr -d '[:space:]' <"$CONFIG.dockernet") in
  '' | '{}') echo "{ \"live-restore\": $1 }" >"$CONFIG" ;;
  *) sed "0,/{/s//{ \"live-restore\": $1,/" "$CONFIG.dockernet" >"$CONFIG" ;;
  esac
}

reload() {
  systemctl reload docker.service || return 1
  for _ in $(seq 50); do
    if [ "$(info '{{.LiveRestoreEnabled}}')" = "$1" ]; then return; fi
    sleep 0.1
  done
  return 1
}

return_live_restore() {
  if [ -e "$CONFIG.dockernet" ] && store=$(info '{{.ClusterStore}}') && [ -z "$store" ]; then
    write_live_restore false
    reload false || true
  fi
  put_config_back
}

put_config_back() {
  if [ -s "$CONFIG.dockernet" ]; then
    mv "$CONFIG.dockernet" "$CONFIG"
  elif [ -e "$CONFIG.dockernet" ]; then
    rm -f "$CONFIG" "$CONFIG.dockernet"
  fi
}

# What ran before the first restart runs afterwards: through the restart where the engine can, else started again.
running=
restart() {
  put_config_back
  systemctl daemon-reload
  running=${running:-$(timeout 20 docker ps --quiet --no-trunc 2>/dev/null || true)}
  # Also where nothing runs yet: an engine with a store cannot be told of it later. Until it starts again it leaves its
  # containers alone at a shutdown, too, after which it has to start twice (see drop_in).
  lend_live_restore
  # Restarts count towards the unit's limit, and one would wait for as long as the store has no quorum.
  systemctl reset-failed docker.service docker.socket 2>/dev/null || true
  if ! timeout 90 systemctl restart docker.service; then
    put_config_back
    return 1
  fi
  return_live_restore
  for container in $running; do
    timeout 60 docker start "$container" >/dev/null 2>&1 || echo "container $container did not come back" >&2
  done
}

# The engine shows the store, and the store shows the engine.
joined() {
  [ "$(info '{{.ClusterStore}} {{.ClusterAdvertise}}')" = "$STORE $ADDRESS:$PORT" ] &&
    etcd 2 ls /docker/nodes | grep -Fqx "/docker/nodes/$ADDRESS:$PORT"
}

await_joined() {
  for _ in $(seq 60); do
    if joined; then return; fi
    sleep 0.5
  done
  return 1
}

# Whether the drop-in changes in no more than who owns it, for which no engine need be restarted.
same_settings() { [ "$(grep -v '^#' "$STATE/drop-in")" = "$(grep -v '^#' "$DROP_IN" 2>/dev/null)" ]; }

up() {
  mkdir -p "$STATE" "$DROP_INS"
  # Made with the first container on an overlay network, and by nobody removed.
  if [ ! -e "$STATE/networks" ]; then timeout 20 docker network ls --quiet --no-trunc >"$STATE/networks"; fi
  echo "${OWNER-}" >"$STATE/owner"
  drop_in >"$STATE/drop-in"
  if same_settings && joined; then
    cp "$STATE/drop-in" "$DROP_IN"
    systemctl daemon-reload
  else
    if [ -e "$DROP_IN" ]; then cp "$DROP_IN" "$STATE/previous"; fi
    cp "$STATE/drop-in" "$DROP_IN"
    { restart && await_joined; } || roll_back
    rm -f "$STATE/previous"
  fi
  echo "$STORE"
}

roll_back() {
  echo "cluster store of this machine's Docker engine: it does not come up with it; its last lines:" >&2
  journalctl -u docker.service -n 10 -o cat --no-pager >&2
  if [ -e "$STATE/previous" ]; then mv "$STATE/previous" "$DROP_IN"; else rm -f "$DROP_IN"; fi
  restart && echo "the configuration that it had before was put back" >&2
  exit 1
}

remove_gwbridge() {
  bridge=$(timeout 20 docker network inspect --format '{{.Id}} {{len .Containers}}' docker_gwbridge 2>/dev/null) || return 0
  if [ "${bridge#* }" = 0 ] && ! grep -Fqx "${bridge% *}" "$STATE/networks"; then timeout 20 docker network rm docker_gwbridge >/dev/null; fi
}

down() {
  as_root
  if [ -e "$DROP_IN" ]; then
    rm "$DROP_IN"
    restart
  fi
  if [ -e "$STATE/networks" ]; then remove_gwbridge; fi # now that the engine asks no store, which may not answer
  rmdir --ignore-fail-on-non-empty "$DROP_INS" 2>/dev/null || true
  rm -rf "$STATE"
}
