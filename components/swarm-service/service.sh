# shellcheck shell=sh
# A service of a swarm, made on this host, a manager, through the engine's API, which takes the whole of a service as one value.
# Variables: NAME; SPEC, the service as in the API's ServiceSpec; OWNER, its labels dockernet.project and dockernet.stack, as
# project/stack; CLUSTER, the id of the swarm; WITHIN, the time limit in seconds for all of its tasks to be healthy.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/swarm-cluster/manager.sh
. ../swarm-cluster/manager.sh

SUBJECT="swarm service ${NAME:?}"

engine() { timeout 60 docker "$@" </dev/null; }
inspect() { engine service inspect --format "$1" "$NAME" 2>/dev/null; }
exists() { get "services/$NAME" >/dev/null; }
ours() { [ "$(inspect '{{index .Spec.Labels "dockernet.project"}}/{{index .Spec.Labels "dockernet.stack"}}')" = "${OWNER:?}" ]; }

check() {
  : "${CLUSTER:?}"
  require_program curl curl
  require_manager
  if exists && ! ours; then refuse "a service of this name exists already and does not belong to this environment; it was left unchanged"; fi
}

# send PATH: the service to the engine.
send() {
  said=$(printf '%s' "${SPEC:?}" | request 60 "services/$1") || :
  case $(echo "$said" | tail -n 1) in
  "status 200" | "status 201") ;;
  *) refuse "the engine refused it: $(echo "$said" | head -n 1 | cut -c 1-500)" ;;
  esac
}

# Whether every task runs, which with a health check means that it is healthy. One question tells of the update and the tasks.
runs() {
  now=$(get "services?status=true&filters={\"id\":[\"$id\"]}") || return 1
  case $(printf '%s\n' "$now" | sed -n 's/.*"UpdateStatus":{"State":"\([a-z_]*\)".*/\1/p') in
  updating | rollback_started) return 1 ;;
  paused | rollback_paused | rollback_completed)
    refuse "its update did not succeed: $(inspect '{{.UpdateStatus.Message}}')"
    ;;
  esac
  tasks=$(printf '%s\n' "$now" | sed -n 's/.*"ServiceStatus":{"RunningTasks":\([0-9]*\),"DesiredTasks":\([0-9]*\).*/\1\/\2/p')
  [ -n "$tasks" ] && [ "${tasks%/*}" = "${tasks#*/}" ] && [ "${tasks#*/}" -gt 0 ]
}

# In three looks one after the other: an update that was just accepted has not stopped anything yet.
await_tasks() {
  seen=0
  end=$(($(date +%s) + ${WITHIN:?}))
  while [ "$(date +%s)" -lt "$end" ]; do
    if runs; then seen=$((seen + 1)); else seen=0; fi
    if [ "$seen" -ge 3 ]; then return; fi
    sleep 0.5
  done
  refuse "${tasks:-none} of its tasks run after $WITHIN s: $(engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "$NAME" 2>/dev/null | head -n 3 | paste -sd ';' - | cut -c 1-600)"
}

up() {
  if exists; then send "$NAME/update?version=$(inspect '{{.Version.Index}}')"; else send create; fi
  id=$(inspect '{{.ID}}')
  await_tasks
  echo "$id"
}

# Containers end after the service is gone, and until then they keep its networks and volumes.
down() {
  if ! ours; then return; fi
  engine service rm "$NAME" >/dev/null
  for _ in $(seq 60); do
    if [ "$(get "containers/json?all=true&filters={\"label\":[\"com.docker.swarm.service.name=$NAME\"]}")" = "[]" ]; then return; fi
    sleep 0.5
  done
}
