#!/bin/sh
# What Pulumi does not do with an environment: see lab/lab.ts.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(cd "$here/../.." && pwd)
# shellcheck source=toolchain/commands/environment.sh
. "$here/environment.sh"
# The page of lab graph is made with a function of Node.js that warns of being experimental.
exec node --disable-warning=ExperimentalWarning "$root/lab/main.js" "$@"
