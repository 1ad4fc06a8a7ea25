# shellcheck shell=sh
# Restarts this host's engine if one of its threads is in a deleted network namespace, before containers join the
# overlay network NAME again: the engine might not resolve the names of the others, or not reach its store. A script
# includes this file.
# shellcheck source=components/cluster-store-engine/restart.sh
. ../cluster-store-engine/restart.sh
# shellcheck source=components/cluster-store-engine/strays.sh
. ../cluster-store-engine/strays.sh

info() { timeout 20 docker info --format "$1" 2>/dev/null; }

settle() {
  pid=$(cat /var/run/docker.pid 2>/dev/null) || return 0
  if [ "$(strays "$pid")" -eq 0 ] || [ -n "$(timeout 20 docker ps --quiet --filter "network=${NAME:?}")" ]; then return 0; fi
  echo "the engine has a thread in a network namespace that is gone; it is restarted" >&2
  restart
}
