# shellcheck shell=sh
# Sends an image of the engine here to the engine of another machine. Variables: IMAGE, its id; NAME of the machine;
# DESTINATION, SSH_PORT and SSH_OPTIONS (a line each) of ssh; SUDO, what goes before a command there; MACHINE, which says
# that it is another one.

check() {
  command -v docker >/dev/null || {
    echo "image for ${NAME:?}: the docker command is missing on this machine" >&2
    exit 1
  }
}

up() {
  : "${MACHINE-}"
  set --
  while read -r option; do set -- "$@" "$option"; done <<EOT
${SSH_OPTIONS:?}
EOT
  there() { ssh "$@" -p "${SSH_PORT:?}" "${DESTINATION:?}" "${SUDO-} $command"; }
  command="docker image inspect --format {{.Id}} ${IMAGE:?}"
  there "$@" 2>/dev/null || {
    command="docker load"
    docker save "$IMAGE" | there "$@"
  }
}

down() { :; }
