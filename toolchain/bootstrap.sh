#!/bin/sh
# Brings what this project's TypeScript needs, the npm packages and a Node.js that runs it, then runs a script:
#   bootstrap.sh SCRIPT [ARG ...]
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.installed-lock
lock=$(cksum <package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$lock" ]; then
  began=$(date +%s)
  echo "set-up: installing the npm packages of package-lock.json"
  # Install scripts stay off: the only one of use here would fetch a Pulumi plugin, which the set-up does itself.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$lock" >"$stamp"
  echo "set-up: npm packages installed in $(($(date +%s) - began)) s"
fi

PATH=$PWD/node_modules/.bin:$PATH
export PATH
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 18) ? 0 : 1)'; then
  echo "error: dockernet needs Node.js 22.18 or newer; this machine has $(node --version), and npm has no newer one" \
    "for $(uname -s) $(uname -m)" >&2
  exit 1
fi
exec node "$@"
