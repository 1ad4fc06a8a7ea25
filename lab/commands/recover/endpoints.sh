# shellcheck shell=sh
# Endpoints on networks of the cluster store that a crash of this host has left there, or a stop without a quorum of etcd: `endpoint
# with name … already exists in network …` keeps a container of that name from starting. Verbs:
#   stale     prints a line `endpoint NAME` for each; changes nothing
#   release   removes them, and prints what was left to remove; waits first for an engine that is starting again, and starts it
#             once more if it attaches no container otherwise
# Variable: SLOWNESS, the factor of time limits, 1 by default.
# shellcheck source=components/cluster-store-engine/endpoints.sh
. ../../../components/cluster-store-engine/endpoints.sh
# shellcheck source=components/cluster-store-engine/unrestored.sh
. ../../../components/cluster-store-engine/unrestored.sh

stale() {
  of_this_engine
  stale_endpoints "" | sed 's/^[^ ]*/endpoint/'
}

# The unit of the store restarts the engine after a crash (ExecStartPost).
idle() {
  tries=0
  while [ -n "$(systemctl show -p Job --value docker.service 2>/dev/null)" ] && [ $tries -lt $((90 * ${SLOWNESS:-1})) ]; do
    sleep 1
    tries=$((tries + 1))
  done
}

release() {
  idle
  of_this_engine
  release_endpoints ""
  if is_unrestored "$(said_at_start "$(systemctl show -p InvocationID --value docker.service)")"; then
    systemctl restart docker.service
    idle
  fi
  stale
}
