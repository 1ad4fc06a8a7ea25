# shellcheck shell=sh
# Runs after each start of an engine with a cluster store, with its unit's INVOCATION_ID (ExecStartPost in the drop-in of
# engine.sh). After a crash of the host, or a stop during which etcd lost its quorum, the engine or the store still list endpoints
# of containers whose network namespaces are gone.
# shellcheck source=components/cluster-store-engine/endpoints.sh
. ./endpoints.sh
# shellcheck source=components/cluster-store-engine/unrestored.sh
. ./unrestored.sh

# What the engine says of an endpoint in the store, which it never removes.
TAKEN="already exists in network"

said=$(said_at_start "${INVOCATION_ID:?}")
case $said in *"$TAKEN"*) ;; *) is_unrestored "$said" || exit 0 ;; esac

of_this_engine
release_endpoints ""

if is_unrestored "$said"; then
  # If both hosts crashed and etcd is slow, that happens some times in a row, which takes longer each time.
  failures=$(unrestored_starts)
  if [ "$failures" -le 24 ]; then
    sleep $((failures < 6 ? failures : 6))
    systemctl --no-block restart docker.service
  fi
else
  for container in $(printf '%s\n' "$said" | sed -n "s/.*failed to start container.* container=\([0-9a-f]*\) .*$TAKEN.*/\1/p"); do
    timeout 60 docker start "$container" >/dev/null
  done
fi
