# shellcheck shell=sh
# Takes the containers that carry a label off a Docker network, one at a time. Variables: NETWORK, LABEL.

check() { :; }
up() { :; }

# A network that is gone has no containers. One that leaves it by itself in the meantime is off it, too.
down() {
  for container in $(docker ps --all --quiet --filter "network=${NETWORK:?}" --filter "label=${LABEL:?}"); do
    docker network disconnect --force "$NETWORK" "$container" ||
      [ -z "$(docker ps --all --quiet --filter "network=$NETWORK" --filter "id=$container")" ]
  done
}
