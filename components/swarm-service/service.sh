# shellcheck shell=sh
# A service of a swarm, made on this host, a manager, through the engine's API, which takes the whole of a service as one value.
# Variables: NAME; SPEC, the service as in the API's ServiceSpec; FILES, its secrets and configs (files.sh); OWNER, its labels dockernet.project and dockernet.stack, as
# project/stack; CLUSTER, the id of the swarm; WITHIN, the time limit in seconds for all of its tasks to be healthy; DELAY, the time
# after each task of an update, in addition.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/swarm-service/files.sh
. ./files.sh

SUBJECT="swarm service ${NAME:?}"

engine() { timeout 60 docker "$@" </dev/null; }
inspect() { engine service inspect --format "$1" "$NAME" 2>/dev/null; }
exists() { get "services/$NAME" >/dev/null; }
ours() { [ "$(inspect '{{index .Spec.Labels "dockernet.project"}}/{{index .Spec.Labels "dockernet.stack"}}')" = "${OWNER:?}" ]; }

check() {
  : "${CLUSTER:?}"
  require_manager
  if exists && ! ours; then refuse "a service of this name exists already and does not belong to this environment; it was left unchanged"; fi
  each_file check_file
}

# What the engine says of the last tasks that do not run as they should.
task_problems() {
  engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "$NAME" 2>/dev/null |
    grep -v ': Running \|: Shutdown ' | head -n 3 | paste -sd ';' - | cut -c 1-600
}

# Whether every task runs, which with a health check means that it is healthy. One question tells of the update and the tasks.
runs() {
  now=$(get "services?status=true&filters={\"id\":[\"$id\"]}") || return 1
  case $(printf '%s\n' "$now" | sed -n 's/.*"UpdateStatus":{"State":"\([a-z_]*\)".*/\1/p') in
  updating | rollback_started) return 1 ;;
  paused | rollback_paused | rollback_completed)
    refuse "its update did not succeed: $(inspect '{{.UpdateStatus.Message}}'); $(task_problems)"
    ;;
  esac
  tasks=$(printf '%s\n' "$now" | sed -n 's/.*"ServiceStatus":{"RunningTasks":\([0-9]*\),"DesiredTasks":\([0-9]*\).*/\1\/\2/p')
  [ -n "$tasks" ] && [ "${tasks%/*}" = "${tasks#*/}" ] && [ "${tasks#*/}" -gt 0 ]
}

# await_tasks SEC create|update: in three looks one after the other: an update that was just accepted has not stopped anything yet.
await_tasks() {
  seen=0
  end=$(($(date +%s) + $1))
  while [ "$(date +%s)" -lt "$end" ]; do
    if runs; then seen=$((seen + 1)); else seen=0; fi
    if [ "$seen" -ge 3 ]; then return; fi
    sleep 0.5
  done
  problem=$(task_problems)
  if [ "$2" = update ]; then change_back; fi
  refuse "${tasks:-none} of its tasks run after $1 s: $problem"
}

# As the engine does by itself if a new task ends: what runs is then what Pulumi's state has, since the update failed. It may take
# a minute, for which the engine waits for a task that has no node.
change_back() {
  if [ "$(inspect '{{with .Spec.UpdateConfig}}{{.FailureAction}}{{end}}')" = rollback ]; then
    engine service rollback --detach "$NAME" >/dev/null || :
  fi
}

up() {
  each_file create_file
  if exists; then
    # The engine waits after each task.
    limit=$((${WITHIN:?} + ${DELAY:?} * $(engine service ps --quiet --filter desired-state=running "$NAME" | wc -l)))
    version=$(inspect '{{.Version.Index}} {{.ID}}')
    id=${version#* }
    printf '%s' "${SPEC:?}" | send "services/$NAME/update?version=${version% *}" >/dev/null
    await_tasks "$limit" update
  else
    created=$(printf '%s' "${SPEC:?}" | send services/create)
    id=$(printf '%s\n' "$created" | sed -n 's/.*"ID":"\([a-z0-9]*\)".*/\1/p')
    await_tasks "${WITHIN:?}" create
  fi
  remove_files "${FILES-}"
  echo "$id"
}

# Containers end after the service is gone, and until then they keep its networks and volumes.
down() {
  if ours; then
    engine service rm "$NAME" >/dev/null
    for _ in $(seq 60); do
      if [ "$(get "containers/json?all=true&filters={\"label\":[\"com.docker.swarm.service.name=$NAME\"]}")" = "[]" ]; then break; fi
      sleep 0.5
    done
  fi
  remove_files ""
}
