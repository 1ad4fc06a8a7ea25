# shellcheck shell=sh
# What the engine says at a start if it lists endpoints whose network namespaces are gone, after a crash. It removes them, but
# attaches no container to such a network until it starts once more. A script includes this file.

UNRESTORED="Failure during overlay endpoints restore"

# said_at_start INVOCATION_ID: what the engine has said since that start
said_at_start() {
  journalctl --sync
  journalctl "_SYSTEMD_INVOCATION_ID=$1" -o cat
}

# is_unrestored TEXT: whether it says so there
is_unrestored() { case $1 in *"$UNRESTORED"*) ;; *) return 1 ;; esac }

# How often it has said so in the last five minutes
unrestored_starts() { journalctl -u docker.service --since -5min -o cat | grep -c "$UNRESTORED"; }
