# shellcheck shell=sh
# Sets the environment of Pulumi and of the lab command. The commands beside it include it and set root, the project's folder.
# Variables that a user has set are kept where possible.
: "${root:?}"
own=$root/.dockernet

# The user's own Pulumi home, where the CLI looks for it: in the account's home folder, regardless of HOME.
account=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)
[ -d "$account" ] || account=${HOME:-}
home=${PULUMI_HOME:-$account/.pulumi}
credentials=${PULUMI_CREDENTIALS_PATH:-$home}

# pulumi_on_path: the user's own CLI, which is not this project's command of the same name.
pulumi_on_path() {
  IFS=:
  for folder in $PATH; do
    case $folder in */node_modules/.bin) continue ;; esac
    if [ -x "$folder/pulumi" ]; then
      echo "$folder/pulumi"
      return
    fi
  done
}

if [ -d "$own" ] && ! { [ -r "$own" ] && [ -x "$own" ]; }; then
  echo "error: $own belongs to $(stat -c %U "$own"), who ran this checkout before: work as that user," \
    "or in a clone of your own" >&2
  exit 2
elif [ -f "$own/machine" ]; then
  # Written by the set-up: DOCKERNET_PULUMI, _PATH, _ORIGIN, _HOME.
  # shellcheck source=/dev/null
  . "$own/machine"
  if [ ! -x "$DOCKERNET_PULUMI" ]; then
    echo "error: the Pulumi CLI of the set-up, $DOCKERNET_PULUMI, is gone or of another machine; run npm run setup" >&2
    exit 2
  fi
else
  DOCKERNET_PULUMI=$(pulumi_on_path)
  if [ -z "$DOCKERNET_PULUMI" ]; then
    echo "error: this checkout is not set up on this machine, and there is no pulumi on PATH; run npm start, or" \
      "npm run setup for the set-up alone" >&2
    exit 2
  fi
  DOCKERNET_PATH=${DOCKERNET_PULUMI%/*}
  DOCKERNET_ORIGIN=
  DOCKERNET_HOME=
fi
# shellcheck source=toolchain/commands/engine.sh
. "$root/toolchain/commands/engine.sh"

PATH=$DOCKERNET_PATH:$root/node_modules/.bin:$PATH
PULUMI_HOME=$home
PULUMI_SKIP_UPDATE_CHECK=true
# The CLI's start allocates much and keeps little: with fewer collections it takes a third less CPU time.
GOGC=${GOGC:-400}
# Compiled once, the SDK loads about a second faster at every preview and up.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$own/compile-cache}
# The SDK starts in half of the time.
PULUMI_LANGUAGE_NODEJS_RUN_PATH=${PULUMI_LANGUAGE_NODEJS_RUN_PATH:-$root/toolchain/runProgram.cjs}
# Pulumi's own limit is four operations per processor, but most operations wait for a container or a service to be healthy.
if [ -z "${PULUMI_PARALLEL:-}" ] && [ "$(nproc 2>/dev/null || echo 1)" -lt 8 ]; then
  PULUMI_PARALLEL=32
  export PULUMI_PARALLEL
fi
export GOGC NODE_COMPILE_CACHE PATH DOCKERNET_PULUMI PULUMI_HOME PULUMI_LANGUAGE_NODEJS_RUN_PATH PULUMI_SKIP_UPDATE_CHECK
if [ -n "${DOCKERNET_IMAGES:-$DOCKERNET_ORIGIN}" ]; then
  DOCKERNET_IMAGES=${DOCKERNET_IMAGES:-$DOCKERNET_ORIGIN}
  export DOCKERNET_IMAGES
fi
# shellcheck source=toolchain/commands/proxy.sh
. "$root/toolchain/commands/proxy.sh"

if [ -n "$DOCKERNET_HOME" ]; then
  # Providers that were built here have a home of their own. They are built only where nothing can be downloaded.
  PULUMI_CREDENTIALS_PATH=$credentials
  PULUMI_HOME=$DOCKERNET_HOME
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  export PULUMI_CREDENTIALS_PATH PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION
fi

# The state is in the backend that the user is logged in to, or in this checkout.
if [ -z "${PULUMI_BACKEND_URL:-}" ] && ! grep -q '"current": *"[^"]' "$credentials/credentials.json" 2>/dev/null; then
  if [ ! -f "$own/passphrase" ]; then
    echo "error: no Pulumi backend: log in to one (pulumi login), set PULUMI_BACKEND_URL, or run npm run setup for one" \
      "in this checkout" >&2
    exit 2
  fi
  # Encoded: Pulumi would take parts of a folder's name for a query or a fragment.
  PULUMI_BACKEND_URL=file://$(printf '%s' "$root" | sed 's/%/%25/g; s/ /%20/g; s/#/%23/g; s/?/%3F/g; s/\\/%5C/g')/.dockernet/state
  export PULUMI_BACKEND_URL
  # An empty passphrase counts as set.
  if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
    PULUMI_CONFIG_PASSPHRASE_FILE=$own/passphrase
    export PULUMI_CONFIG_PASSPHRASE_FILE
  fi
fi
