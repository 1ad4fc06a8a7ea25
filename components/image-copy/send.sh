# shellcheck shell=sh
# Sends an image of the engine here to the engine of another machine, and prints its id there: in a containerd image
# store an id is the digest of the manifest, else that of the configuration. Variables: IMAGE, its id here; NAME of the
# machine; DESTINATION, SSH_PORT and SSH_OPTIONS (a line each) of ssh; SUDO, what goes before a command there; MACHINE,
# which says that it is another one.

check() {
  command -v docker >/dev/null || {
    echo "image for ${NAME:?}: the docker command is missing on this machine" >&2
    exit 1
  }
}

# What the shell there prints of its own comes before the answers of its engine, which no Docker client can then read.
quiet() {
  noise=$(ssh "$@" -p "${SSH_PORT:?}" "${DESTINATION:?}" true </dev/null 2>/dev/null | head -n 1 | cut -c 1-60)
  [ -z "$noise" ] || {
    echo "image for $NAME: the login shell of $DESTINATION prints something of its own ($noise), which Docker takes for" \
      "the engine's answer; let it print for interactive shells only" >&2
    exit 1
  }
}

# The digests of its configurations, one for each of its platforms.
configurations() {
  docker save "${IMAGE:?}" | tar -xOf - manifest.json | grep -o '"Config":"[^"]*"' | grep -o '[0-9a-f]\{64\}'
}

up() {
  : "${MACHINE-}"
  set --
  while read -r option; do set -- "$@" "$option"; done <<EOT
${SSH_OPTIONS:?}
EOT
  quiet "$@"
  there() { ssh "$@" -p "${SSH_PORT:?}" "${DESTINATION:?}" "${SUDO-} $command"; }
  has() {
    command="docker image inspect --format '{{.Id}}' $image"
    there "$@" 2>/dev/null
  }
  image=${IMAGE:?}
  if has "$@"; then return; fi
  for digest in $(configurations); do
    image=sha256:$digest
    if has "$@"; then return; fi
  done
  command="docker load"
  loaded=$(docker save "$IMAGE" | there "$@")
  image=$(printf '%s\n' "$loaded" | sed -n 's/^Loaded image\( ID\)\{0,1\}: //p' | tail -n 1)
  has "$@" || {
    echo "image $IMAGE: the engine of ${NAME:?} did not load it: $loaded" >&2
    exit 1
  }
}

down() { :; }
