#!/bin/sh
# The Pulumi CLI that the set-up chose, with the plugins, the backend and the passphrase that go with it.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
# What the settings file, the state or the engine may say against it, for commands that it may matter to.
for word; do
  case $word in
  preview | pre | up | update | destroy | down | dn | refresh | watch | config | import | cancel | state | rm | remove | delete | rename)
    node "$root/lab/beforePulumi.ts" "$@" || exit
    break
    ;;
  esac
done
exec "$DOCKERNET_PULUMI" "$@"
