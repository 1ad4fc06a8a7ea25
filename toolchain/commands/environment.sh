# shellcheck shell=sh
# Sets the environment of Pulumi and of the lab command; read by the commands beside it, which set root, the project.
# What a user has set already stays as it is wherever it can.
: "${root:?}"
if [ ! -f "$root/.dockernet/machine" ]; then
  echo "error: this checkout is not set up on this machine yet; run npm start, or npm run setup for the set-up alone" >&2
  exit 2
fi
# What the set-up found on this machine: DOCKERNET_PULUMI, _PATH, _ENGINE, _ORIGIN, _HOME.
# shellcheck source=/dev/null
. "$root/.dockernet/machine"

PATH=$DOCKERNET_PATH:$PATH
DOCKER_HOST=${DOCKER_HOST:-$DOCKERNET_ENGINE}
DOCKERNET_IMAGES=${DOCKERNET_IMAGES:-$DOCKERNET_ORIGIN}
PULUMI_SKIP_UPDATE_CHECK=true
# Compiled once, the SDK loads about a second faster at every preview and up.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$root/.dockernet/compile-cache}
export NODE_COMPILE_CACHE PATH DOCKER_HOST DOCKERNET_PULUMI DOCKERNET_IMAGES PULUMI_SKIP_UPDATE_CHECK

credentials=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-$HOME/.pulumi}}
if [ -n "$DOCKERNET_HOME" ]; then
  # Providers that were built here live in a home of their own. Where they had to be built nothing can be downloaded.
  PULUMI_CREDENTIALS_PATH=$credentials
  PULUMI_HOME=$DOCKERNET_HOME
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  export PULUMI_CREDENTIALS_PATH PULUMI_HOME PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION
fi

# A backend that the user is logged in to keeps the state; without one it stays in this checkout.
if [ -z "${PULUMI_BACKEND_URL:-}" ] && ! grep -q '"current": *"[^"]' "$credentials/credentials.json" 2>/dev/null; then
  PULUMI_BACKEND_URL=file://$root/.dockernet/state
  export PULUMI_BACKEND_URL
  if [ -z "${PULUMI_CONFIG_PASSPHRASE:-}${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
    PULUMI_CONFIG_PASSPHRASE_FILE=$root/.dockernet/passphrase
    export PULUMI_CONFIG_PASSPHRASE_FILE
  fi
fi
