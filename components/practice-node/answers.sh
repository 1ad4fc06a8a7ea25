# shellcheck shell=sh
# Functions that wait until a practice node is ready: its sshd has the given host key and accepts the user's key, and its engine
# answers. The including script sets NODE, its name in messages, and defines `ended`, whether it will never be ready, and
# `last_lines`, which prints the end of its console. Variables: ADDRESS, HOST_KEY, KEY_FILE.

# ssh expands % in the path of a key (TOKENS in ssh_config(5)) and splits options into words.
key_option() { printf 'IdentityFile="%s"' "$(printf '%s' "${KEY_FILE:?}" | sed 's/%/%%/g; s/["\\]/\\&/g')"; }

# engine_version LOGIN: prints it between marks, or why there is none. LOGIN is the time limit of a login in seconds.
engine_version() {
  ssh -n -F /dev/null -o "$(key_option)" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout="$1" -o LogLevel=ERROR \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null \
    -o "KnownHostsCommand=/usr/bin/env echo %H ${HOST_KEY:?}" "root@${ADDRESS:?}" \
    docker version --format "'<engine {{.Server.Version}}>'" 2>&1
}

fail() {
  {
    echo "node ${NODE:?} $1; its last lines:"
    last_lines 2>&1
  } | tr -d '\r' >&2
  exit 1
}

# await_engine WITHIN LOGIN: prints the engine's version when the node is ready. Both are time limits in seconds.
await_engine() {
  deadline=$(($(date +%s) + $1))
  until said=$(engine_version "$2") && version=$(echo "$said" | sed -n 's/.*<engine \([^<>]*\)>.*/\1/p' | grep .); do
    if ended; then fail "ended while it was starting"; fi
    [ "$(date +%s)" -lt "$deadline" ] || fail "was not ready within $1 s ($(echo "$said" | tail -n 1))"
    sleep 0.5
  done
  echo "$version"
}
