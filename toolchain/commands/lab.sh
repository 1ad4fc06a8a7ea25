#!/bin/sh
# What Pulumi does not do with an environment: see lab/lab.ts.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
exec node "$root/lab/main.js" "$@"
