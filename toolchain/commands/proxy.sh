# shellcheck shell=sh
# Excludes this machine, and the engine's machine if it is another one, from the user's proxy; downloads use it. The entries of
# no_proxy are kept. Without this, Pulumi's SDK would reach its own CLI through the proxy (14 UNAVAILABLE).

# without_proxy LIST HOST...: adds the missing hosts to the list.
without_proxy() {
  list=$1
  shift
  for host; do
    case ",$list," in
    *",$host,"* | ",*,") ;;
    *) list=${list:+$list,}$host ;;
    esac
  done
  echo "$list"
}

engine_host() {
  case ${DOCKER_HOST:-} in
  tcp://* | http://* | https://*) echo "${DOCKER_HOST#*://}" | sed 's|/.*||; s/:[0-9]*$//' ;;
  esac
}

# Programs differ in which of two variables they read, and npm, Go and Node.js read no ALL_PROXY.
https_proxy=${https_proxy:-${HTTPS_PROXY:-${all_proxy:-${ALL_PROXY:-}}}}
http_proxy=${http_proxy:-${HTTP_PROXY:-${all_proxy:-${ALL_PROXY:-}}}}
HTTPS_PROXY=$https_proxy
HTTP_PROXY=$http_proxy
[ -z "$https_proxy" ] || export https_proxy HTTPS_PROXY
[ -z "$http_proxy" ] || export http_proxy HTTP_PROXY
if [ -n "$https_proxy$http_proxy${grpc_proxy:-}" ]; then
  # shellcheck disable=SC2046 # no word where there is no such engine
  no_proxy=$(without_proxy "${no_proxy:-}${NO_PROXY:+,$NO_PROXY}" localhost 127.0.0.1 ::1 $(engine_host))
  NO_PROXY=$no_proxy
  no_grpc_proxy=${no_grpc_proxy:+$no_grpc_proxy,}$no_proxy
  # This project's own programs fetch pages of labs only.
  NODE_USE_ENV_PROXY=0
  export no_proxy NO_PROXY no_grpc_proxy NODE_USE_ENV_PROXY
fi
