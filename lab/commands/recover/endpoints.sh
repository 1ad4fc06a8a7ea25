# shellcheck shell=sh
# Endpoints on networks of the cluster store that a crash of this host has left there, of containers of this host that do not run:
# `endpoint with name … already exists in network …` keeps such a container from starting. Verbs:
#   stale     prints a line `endpoint CONTAINER NETWORK` for each; changes nothing
#   release   removes them, and prints what was left to remove; waits first for an engine that is starting again
# Variable: SLOWNESS, the factor of time limits, 1 by default.

engine() { timeout "$((20 * ${SLOWNESS:-1}))" docker "$@" 2>/dev/null; }

# An endpoint of a container that runs has the container's id there, and one of another host a name that is unknown here.
stale() {
  for network in $(engine network ls --quiet --filter driver=overlay --filter scope=global); do
    # shellcheck disable=SC2016 # a template of Go, not of the shell
    engine network inspect --format '{{$at := .Name}}{{range $id, $each := .Containers}}{{$id}} {{$each.Name}} {{$at}}{{"\n"}}{{end}}' "$network"
  done | sed -n 's/^ep-[^ ]* //p' | while read -r name network; do
    if [ "$(engine container inspect --format "{{.State.Running}} {{with index .NetworkSettings.Networks \"$network\"}}joins{{end}}" "$name")" = "false joins" ]; then
      echo "endpoint $name $network"
    fi
  done
}

# The unit of the store restarts the engine after a crash (ExecStartPost).
idle() {
  tries=0
  while [ -n "$(systemctl show -p Job --value docker.service 2>/dev/null)" ] && [ $tries -lt $((90 * ${SLOWNESS:-1})) ]; do
    sleep 1
    tries=$((tries + 1))
  done
}

# The engine removes an endpoint by force only of a container that it does not know.
release() {
  idle
  stale | while read -r _ name network; do
    engine rename "$name" "$name.released"
    engine network disconnect --force "$network" "$name"
    engine rename "$name.released" "$name"
  done
  stale
}
