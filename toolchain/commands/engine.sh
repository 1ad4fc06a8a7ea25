# shellcheck shell=sh
# Sets DOCKER_HOST to the engine that the docker command talks to: DOCKER_HOST, else DOCKER_CONTEXT, else the current
# context, else the default socket. Unsets DOCKER_CONTEXT, which takes precedence over a docker provider's address: containers
# of practice nodes would be created on the local engine.
if [ -z "${DOCKER_HOST:-}" ] && command -v docker >/dev/null &&
  { [ -n "${DOCKER_CONTEXT:-}" ] || grep -qs '"currentContext": *"[^"]' "${DOCKER_CONFIG:-${HOME:-}/.docker}/config.json"; }; then
  fields='{{.Endpoints.docker.Host}} {{.Endpoints.docker.SkipTLSVerify}} {{.Storage.TLSPath}}'
  if ! found=$(docker context inspect --format "$fields" 2>/dev/null); then
    said=$(docker context inspect --format "$fields" 2>&1 >/dev/null | tail -n 1)
    echo "error: the docker context ${DOCKER_CONTEXT:-that docker uses} cannot be used: $said;" \
      "unset DOCKER_CONTEXT, or choose another (docker context ls, docker context use NAME)" >&2
    exit 2
  fi
  DOCKER_HOST=${found%% *}
  found=${found#* }
  if [ -d "${found#* }/docker" ]; then
    # The certificates of a context have the file names that DOCKER_CERT_PATH requires.
    DOCKER_CERT_PATH=${found#* }/docker
    export DOCKER_CERT_PATH
    case $found in
    true\ *) DOCKER_TLS=1 && export DOCKER_TLS ;;
    *) DOCKER_TLS_VERIFY=1 && export DOCKER_TLS_VERIFY ;;
    esac
  fi
fi
DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}
export DOCKER_HOST
unset DOCKER_CONTEXT
