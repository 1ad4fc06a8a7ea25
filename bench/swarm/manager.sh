# shellcheck shell=sh
# The services of `npm run bench:swarm` with plain commands on a manager, and what all subjects wait for. Verbs:
#   create, change, remove   with `docker service`
#   deploy, take_down        with `docker stack`; a second deploy changes the services
#   settle                   waits until all tasks run, and no service is being updated any more
#   empty                    waits until no task is left
# Variables: SERVICES, their names; REPLICAS of each; REVISION, 1 at first and 2 of a change; IMAGE; NETWORK; STACK, the stack's file.
set -eu

api() { curl -sS -m 20 -g --noproxy '*' --unix-socket /var/run/docker.sock "http://engine/$1"; }
count() { echo "${SERVICES:?}" | wc -w; }

create() {
  for name in ${SERVICES:?}; do
    docker service create --detach --quiet --no-resolve-image --name "$name" --replicas "${REPLICAS:?}" --network "${NETWORK:?}" \
      --endpoint-mode dnsrr --init --cap-drop ALL --restart-condition any --restart-delay 1s --env "REVISION=${REVISION:?}" \
      "${IMAGE:?}" sleep 86400
  done
}

change() {
  for name in ${SERVICES:?}; do
    docker service update --detach --quiet --no-resolve-image --env-add "REVISION=${REVISION:?}" "$name"
  done
}

# shellcheck disable=SC2086 # one word a name
remove() { docker service rm ${SERVICES:?}; }

deploy() { printf '%s' "${STACK:?}" | docker stack deploy --detach --resolve-image never --compose-file - bench; }
take_down() { docker stack rm bench; }

# await COMMAND: until it succeeds, for at most 10 minutes
await() {
  end=$(($(date +%s) + 600))
  until "$1"; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "$1: not after 600 s" >&2
      docker service ls >&2
      return 1
    fi
    sleep 0.2
  done
}

is_settled() {
  services=$(api 'services?status=true')
  case $services in *'"State":"paused"'*)
    echo "an update does not go on" >&2
    exit 1
    ;;
  esac
  running=$(echo "$services" | grep -o '"RunningTasks":[0-9]*' | awk -F : '{ sum += $2 } END { print sum + 0 }')
  changed=$(echo "$services" | grep -o '"UpdateStatus":{"State":"completed"' | grep -c . || :)
  [ "$running" = $(($(count) * ${REPLICAS:?})) ] && [ "$changed" = $((($(count)) * (${REVISION:?} - 1))) ]
}

settle() { await is_settled; }

is_empty() { [ "$(api tasks)" = "[]" ]; }
empty() { await is_empty; }
