# shellcheck shell=sh
# Sends an image of this host's engine to another host's engine, and prints its id there: in a containerd image store
# the id is the digest of the manifest, else the digest of the configuration. Variables: IMAGE, its id here; NAME of the
# host; DESTINATION, SSH_PORT and SSH_OPTIONS (one per line) of ssh; SUDO, the prefix of a command there, may be empty;
# MACHINE, the id of a host that Pulumi creates, whose replacement runs this script again.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="image for ${NAME:?}"

check() { command -v docker >/dev/null || refuse "the docker command is missing on this host"; }

# Output of the login shell there would precede its engine's answers, and a Docker client could not read them.
quiet() {
  noise=$(ssh "$@" -p "${SSH_PORT:?}" "${DESTINATION:?}" true </dev/null 2>/dev/null | head -n 1 | cut -c 1-60)
  [ -z "$noise" ] || refuse "the login shell of $DESTINATION prints a text of its own ($noise), which Docker takes for the engine's answer; let it print in interactive shells only"
}

# Prints the digests of the image's configurations, one for each platform.
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
