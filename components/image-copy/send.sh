# shellcheck shell=sh
# Sends an image of this host's engine to the engine of a host, and prints its id there: in a containerd image store an
# id is the digest of the manifest, else the digest of the configuration. Variables: IMAGE, its id here; NAME of the host;
# DESTINATION, SSH_PORT and SSH_OPTIONS (a line each) of ssh; SUDO, the prefix of a command there, may be empty; MACHINE, a
# host of Pulumi's, whose replacement makes this script run again.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="image for ${NAME:?}"

check() { command -v docker >/dev/null || refuse "the docker command is missing on this host"; }

# What the login shell there prints precedes its engine's answers, which a Docker client then cannot read.
quiet() {
  noise=$(ssh "$@" -p "${SSH_PORT:?}" "${DESTINATION:?}" true </dev/null 2>/dev/null | head -n 1 | cut -c 1-60)
  [ -z "$noise" ] || refuse "the login shell of $DESTINATION prints a text of its own ($noise), which Docker takes for the engine's answer; let it print in interactive shells only"
}

# The digests of its configurations, one for each platform.
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
  has "$@" || refuse "its engine did not load $IMAGE: $loaded"
}

down() { :; }
