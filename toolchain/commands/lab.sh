#!/bin/sh
# Runs the lab command: see lab/lab.ts.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
exec node "$root/lab/main.js" "$@"
