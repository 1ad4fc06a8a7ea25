#!/bin/sh
# The Pulumi CLI that the set-up chose, with the plugins, the backend and the passphrase that go with it.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
# Before a command that changes a state a copy of it is kept, where the state is in the checkout.
for word; do
  case $word in
  up | update | destroy | down | dn | refresh | import | cancel | state | rm | remove | delete | rename)
    case ${PULUMI_BACKEND_URL:-} in
    file://*/.dockernet/state) node "$root/toolchain/keepCopies.ts" || true ;;
    esac
    break
    ;;
  esac
done
exec "$DOCKERNET_PULUMI" "$@"
