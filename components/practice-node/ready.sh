# shellcheck shell=sh
# Waits until a practice node is ready (answers.sh), and prints its engine's version. Variables: those of answers.sh;
# CONTAINER; WITHIN (seconds); ID, the container's id, which runs this script again for another container.
# shellcheck source=components/practice-node/answers.sh
. ./answers.sh

NODE=${CONTAINER:?}

check() { :; }

# The engine restarts a node that exits, but the cause of the exit remains.
ended() { [ "$(docker inspect --format '{{.State.Running}} {{.RestartCount}}' "$CONTAINER")" != "true 0" ]; }

# The log is the console, with systemd's messages and those before systemd.
last_lines() { docker logs --tail 20 "$CONTAINER"; }

up() { await_engine "${WITHIN:?}" 3; }

down() { :; }
