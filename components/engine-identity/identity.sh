# shellcheck shell=sh
# Records the Docker engine of an environment, and refuses another one. check exits with 3 if no engine answers, and with 4 if one
# answers with errors: a refresh would take what it does not show for deleted.
# Variables: OWNER (project/stack); ADDRESS of the engine; PULUMI_COMMAND_STDOUT, the previous output of up: the
# engine's id, the id of its data, the name of its host, and its address.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="environment ${OWNER:?}"

# engine [NAME]: prints the record of the engine that answers; NAME is the recorded engine, for messages. Up to 24.0 an
# engine's id is a key in /etc/docker: it survives the loss of all containers, and the engines of a host share it. The
# id of the network `none` is created once, with an engine's data.
engine() {
  if ! data=$(timeout 10 docker network inspect --format '{{.Id}}' none 2>&1); then
    error=$(echo "$data" | tail -n 1)
    case $error in
    "Error response from daemon: "*) refuse "the Docker engine at ${ADDRESS:?} fails requests: ${error#*daemon: }; restart it (systemctl restart docker)" 4 ;;
    esac
    refuse "no Docker engine answers at ${ADDRESS:?}${1:+, and it is on the engine of $1}: $error" 3
  fi
  told=$(timeout 10 docker info --format "{{.ID}} $data {{.Name}} $ADDRESS") || told=
  echo "$told" | grep -Ex '[^ ]+ [0-9a-f]{64} [^ ]+ [^ ]+' || refuse "the Docker engine at $ADDRESS does not tell its id" 3
}

# name ID DATA HOST ADDRESS: prints the name of an engine in messages.
name() { echo "$3 at $4 (id $(echo "$1" | cut -c 1-9), data $(echo "$2" | cut -c 1-12))"; }

check() {
  # shellcheck disable=SC2086 # a word each
  set -- ${PULUMI_COMMAND_STDOUT:-}
  found=$(engine ${1:+"$(name "$@")"})
  case $found in
  "${1:-} ${2:-} "*) return ;;
  esac
  [ $# -gt 0 ] || return 0
  if [ "$4" = "$ADDRESS" ]; then fix="if that one is gone for good,"; else fix="set DOCKER_HOST=$4 to use it there, or"; fi
  # shellcheck disable=SC2086 # a word each
  refuse "it is on the Docker engine of $(name "$@"), and this is the engine of $(name $found): $fix move the environment to this engine by npx lab recover ${OWNER##*/} --move"
}

up() { echo "$found"; }
down() { :; }
