#!/bin/sh
# Installs the npm packages, with a Node.js that runs TypeScript, then runs a script:
#   bootstrap.sh SCRIPT [ARG ...]
set -eu
cd "$(dirname "$0")/.."

case $PWD in
# PATH cannot contain the colon; a URL and ssh_config(5) cannot contain the others.
*:* | *[[:cntrl:]]* | *"\${"*)
  echo "error: the path of this checkout has a colon, a control character or a dollar sign before a brace, with which no program of it is found: $PWD; move the checkout" >&2
  exit 1
  ;;
esac
# shellcheck source=toolchain/commands/proxy.sh
. toolchain/commands/proxy.sh
# installed: prints what identifies an installation: its lock file, its platform, and npm's own record of it.
installed() {
  cksum package-lock.json node_modules/.package-lock.json 2>/dev/null
  uname -sm
}

stamp=node_modules/.installed-lock
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$(installed)" ]; then
  if ! [ -w . ] || { [ -e node_modules ] && ! [ -w node_modules ]; }; then
    echo "error: the npm packages cannot be installed: $PWD or its node_modules cannot be written by $(id -un);" \
      "work as the user whose they are, or in a clone of your own" >&2
    exit 1
  fi
  began=$(date +%s)
  echo "set-up: installing the npm packages of package-lock.json"
  # Install scripts are off: the only useful one would fetch a Pulumi plugin, which the set-up does itself. The other options
  # override user settings that would omit packages or their commands, such as NODE_ENV=production.
  if ! npm ci --ignore-scripts --include=dev --include=optional --bin-links --package-lock --global=false --dry-run=false \
    --no-audit --no-fund --loglevel=error; then
    echo "error: npm ci failed, and says above why; the packages come from $(npm config get registry)" >&2
    exit 1
  fi
  installed >"$stamp"
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
