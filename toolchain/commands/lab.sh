#!/bin/sh
# Runs the lab command: see lab/lab.ts.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
# The page of lab graph uses a function of Node.js that prints a warning because it is experimental.
exec node --disable-warning=ExperimentalWarning "$root/lab/main.js" "$@"
