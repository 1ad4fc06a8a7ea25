#!/bin/sh
# Generates the keys, starts an ssh agent with the user's key on the socket /agent/socket, and runs sshd. Variables:
# ROOT_PASSWORD of root, also the passphrase of a copy of the user's key; AGENT_UID, the user who may use the agent.
set -eu
umask 077
mkdir -p /keys /root/.ssh
ssh-keygen -A
for name in user stranger other-host; do ssh-keygen -q -t ed25519 -N '' -C '' -f "/keys/$name"; done
cp /keys/user /keys/locked
ssh-keygen -q -p -P '' -N "${ROOT_PASSWORD:?}" -f /keys/locked
cp /keys/user.pub /root/.ssh/authorized_keys
printf 'root:%s\n' "$ROOT_PASSWORD" | chpasswd
setpriv --reuid "${AGENT_UID:?}" --clear-groups ssh-agent -a /agent/socket
SSH_AUTH_SOCK=/agent/socket ssh-add /keys/user
exec /usr/sbin/sshd -D -e -o LogLevel=VERBOSE -o PermitRootLogin=yes -o 'AcceptEnv=PULUMI_COMMAND_* LAB_*'
