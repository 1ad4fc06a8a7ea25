# shellcheck shell=sh
# Disconnects the containers that carry a label from a Docker network, one at a time. Variables: NETWORK, LABEL.

check() { :; }
up() { :; }

# A network that is already removed has no containers. A container that was disconnected in the meantime is no failure.
down() {
  for container in $(docker ps --all --quiet --filter "network=${NETWORK:?}" --filter "label=${LABEL:?}"); do
    docker network disconnect --force "$NETWORK" "$container" ||
      [ -z "$(docker ps --all --quiet --filter "network=$NETWORK" --filter "id=$container")" ]
  done
}
