# shellcheck shell=sh
# Functions that wait until a practice node is ready: its sshd has the given host key and accepts the user's key, and its engine
# answers. The including script sets NODE, its name in messages, and defines `ended`, whether it will never be ready, and
# `last_lines`, which prints the end of its console. Variables: ADDRESS, HOST_KEY, KEY_FILE.

# ssh expands % in the path of a key (TOKENS in ssh_config(5)) and splits options into words.
key_option() { printf 'IdentityFile="%s"' "$(printf '%s' "${KEY_FILE:?}" | sed 's/%/%%/g; s/["\\]/\\&/g')"; }

# A host that vanishes while ssh logs in leaves it waiting: ConnectTimeout ends with the server's greeting.
LOGINS=4 # time for a whole attempt, in time limits of a connection

# engine_version LOGIN WHOLE: prints it between marks, or why there is none. LOGIN is the time limit of the connection in seconds,
# WHOLE that of the login and the engine's answer. In the foreground, so that a signal to the script ends ssh, too.
engine_version() {
  timeout --foreground "$2" \
    ssh -n -F /dev/null -o "$(key_option)" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout="$1" -o LogLevel=ERROR \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null \
    -o "KnownHostsCommand=/usr/bin/env echo %H ${HOST_KEY:?}" "root@${ADDRESS:?}" \
    docker version --format "'<engine {{.Server.Version}}>'" 2>&1 || {
    code=$?
    [ "$code" -ne 124 ] || echo "SSH and the engine did not answer within $2 s"
    return "$code"
  }
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
  left=$1
  until
    whole=$(($2 * LOGINS))
    said=$(engine_version "$2" "$((whole < left ? whole : left))") &&
      version=$(echo "$said" | sed -n 's/.*<engine \([^<>]*\)>.*/\1/p' | grep .)
  do
    if ended; then fail "ended while it was starting"; fi
    left=$((deadline - $(date +%s)))
    [ "$left" -gt 0 ] || fail "was not ready within $1 s ($(echo "$said" | tail -n 1))"
    sleep 0.5
  done
  echo "$version"
}
