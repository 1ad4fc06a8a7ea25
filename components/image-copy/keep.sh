# shellcheck shell=sh
# An image that was sent to this machine's engine. Variables: IMAGE, its id here.

check() {
  docker image inspect "${IMAGE:?}" >/dev/null || {
    echo "image $IMAGE: it was sent, and is not on this engine" >&2
    exit 1
  }
}

up() { echo "$IMAGE"; }

# One that a container uses stays.
down() { docker image rm "${IMAGE:?}" >/dev/null 2>&1 || :; }
