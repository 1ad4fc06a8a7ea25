#!/bin/sh
# The Pulumi CLI that the set-up chose, with the plugins, the backend and the passphrase that go with it.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
exec "$DOCKERNET_PULUMI" "$@"
