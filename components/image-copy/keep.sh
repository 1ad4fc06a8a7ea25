# shellcheck shell=sh
# An image that was sent to this host's engine (send.sh). Variables: IMAGE, its id here.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="image ${IMAGE:?}"

check() { docker image inspect "$IMAGE" >/dev/null || refuse "it was sent, and is not on this engine"; }

up() { echo "$IMAGE"; }

# An image that a container uses is kept.
down() { docker image rm "$IMAGE" >/dev/null 2>&1 || :; }
