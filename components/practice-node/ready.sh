# shellcheck shell=sh
# Waits until a practice node is ready: its sshd has the given host key and accepts the user's key, and its engine answers.
# Prints the engine's version. Variables: CONTAINER, ADDRESS, HOST_KEY, KEY_FILE, WITHIN (seconds); ID, the container's id,
# which makes this script run again for another container.

check() { :; }

# ssh expands % in the path of a key (TOKENS in ssh_config(5)) and splits options into words.
key_option() { printf 'IdentityFile="%s"' "$(printf '%s' "${KEY_FILE:?}" | sed 's/%/%%/g; s/["\\]/\\&/g')"; }

engine_version() {
  ssh -n -F /dev/null -o "$(key_option)" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=3 -o LogLevel=ERROR \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null \
    -o "KnownHostsCommand=/usr/bin/env echo %H ${HOST_KEY:?}" "root@${ADDRESS:?}" \
    docker version --format "'<engine {{.Server.Version}}>'" 2>&1
}

# The engine restarts a node that exits; the cause of its exit remains.
ended() { [ "$(docker inspect --format '{{.State.Running}} {{.RestartCount}}' "${CONTAINER:?}")" != "true 0" ]; }

# Its log is the console, which has systemd's messages and those before systemd.
fail() {
  {
    echo "node $CONTAINER $1; its last lines:"
    docker logs --tail 20 "$CONTAINER" 2>&1
  } | tr -d '\r' >&2
  exit 1
}

up() {
  deadline=$(($(date +%s) + ${WITHIN:?}))
  until said=$(engine_version) && version=$(echo "$said" | sed -n 's/.*<engine \([^<>]*\)>.*/\1/p' | grep .); do
    if ended; then fail "ended while it was starting"; fi
    [ "$(date +%s)" -lt "$deadline" ] || fail "was not ready within $WITHIN s ($(echo "$said" | tail -n 1))"
    sleep 0.5
  done
  echo "$version"
}

down() { :; }
