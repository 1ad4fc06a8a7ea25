# shellcheck shell=sh
# Roles, availability and labels of the nodes of a swarm, set on this host, a manager: nodes that are not listed are drained,
# demoted and removed. One node after the other, so that the managers never lose their majority by it. Variables: NODES, a line
# each: id, name, role, availability, and labels as KEY=VALUE; CLUSTER, the id of the swarm; WITHIN, the time limit in
# seconds for a node to be ready, and for the tasks of a removed one to move.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="swarm ${CLUSTER:?}"
NAME_LABEL=dockernet.host

engine() { timeout 60 docker "$@" </dev/null; }
node() { engine node inspect --format "$2" "$1" 2>/dev/null; }

check() {
  said=$(engine node ls --quiet 2>&1) || refuse "this manager has no quorum, or is none: $(echo "$said" | tail -n 1 | cut -c 1-200)"
}

# await MESSAGE COMMAND...: waits until the command succeeds.
await() {
  problem=$1
  shift
  end=$(($(date +%s) + ${WITHIN:?}))
  while [ "$(date +%s)" -lt "$end" ]; do
    if "$@"; then return; fi
    sleep 0.5
  done
  refuse "$problem after $WITHIN s"
}

is_ready() { [ "$(node "$1" '{{.Status.State}}')" = ready ]; }
# reachability ID: of a manager.
reachability() { node "$1" '{{with .ManagerStatus}}{{.Reachability}}{{end}}'; }
is_reachable() { [ "$(reachability "$1")" = reachable ]; }
has_left() { [ -z "$(engine node ps --filter desired-state=running --quiet "$1" 2>/dev/null)" ]; }

# settle ID NAME ROLE AVAILABILITY [KEY=VALUE...]
settle() {
  id=$1 name=$2 role=$3 availability=$4
  shift 4
  await "the node $name is not ready" is_ready "$id"
  set -- "$@" "$NAME_LABEL=$name"
  labels=" $* "
  set -- --role "$role" --availability "$availability"
  # shellcheck disable=SC2016 # a template of Go, not of the shell
  for key in $(node "$id" '{{range $key, $value := .Spec.Labels}}{{$key}} {{end}}'); do
    case $labels in *" $key="*) ;; *) set -- "$@" --label-rm "$key" ;; esac
  done
  for label in $labels; do set -- "$@" --label-add "$label"; done
  update "$name" "$@" "$id"
  if [ "$role" = manager ]; then
    await "the manager $name is not reachable" is_reachable "$id"
  else
    await "the node $name is still a manager" is_worker "$id"
  fi
}

# update NAME ARGUMENT...: docker node update
update() {
  name=$1
  shift
  said=$(engine node update "$@" 2>&1) || refuse "the node $name could not be changed: $(echo "$said" | tail -n 1 | cut -c 1-200)"
}

# Nodes of one role; managers come first, since a swarm must not lose its last one.
settle_all() {
  while read -r id name role rest; do
    # shellcheck disable=SC2086 # one word a label
    if [ "$role" = "$1" ]; then settle "$id" "$name" "$role" $rest; fi
  done <<EOT
${NODES:?}
EOT
}

# Nodes that are not listed.
others() { engine node ls --quiet | while read -r id; do echo "$NODES" | grep -q "^$id " || echo "$id"; done; }

# The managers among them that do not answer count for the majority as long as they are there, so they go before others join.
remove_lost() {
  for id in $(others); do
    if [ "$(reachability "$id")" = unreachable ]; then remove "$id"; fi
  done
}

remove_others() {
  for id in $(others); do
    # One that is down keeps its tasks.
    if is_ready "$id"; then
      update "$id" --availability drain "$id"
      await "tasks of a node that is to be removed are still there" has_left "$id"
    fi
    remove "$id"
  done
}

# A manager that others went on without (docker swarm init --force-new-cluster) has no vote, and is refused as one to demote.
remove() {
  if [ -n "$(reachability "$1")" ]; then
    update "$1" --role worker "$1"
    await "a node that is to be removed is still a manager" is_worker "$1"
  fi
  engine node rm --force "$1" >/dev/null
}

is_worker() { [ "$(node "$1" '{{.Spec.Role}} {{with .ManagerStatus}}manages{{end}}')" = "worker " ]; }

up() {
  remove_lost
  settle_all manager
  settle_all worker
  remove_others
  echo "$(echo "$NODES" | grep -c '^[^ ]* [^ ]* manager ') managers, $(echo "$NODES" | grep -c .) nodes"
}

down() { :; }
