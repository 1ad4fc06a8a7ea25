# shellcheck shell=sh
# The network docker_gwbridge, which an engine makes for the first container on a network of several hosts, or for its swarm, and
# never removes. Variable: STATE, a folder.

# To tell a docker_gwbridge of this project's from an older one.
note_networks() {
  if [ ! -e "${STATE:?}/networks" ]; then timeout 20 docker network ls --quiet --no-trunc >"$STATE/networks"; fi
}

remove_gwbridge() {
  if [ ! -e "$STATE/networks" ]; then return; fi
  bridge=$(timeout 20 docker network inspect --format '{{.Id}} {{len .Containers}}' docker_gwbridge 2>/dev/null) || return 0
  if [ "${bridge#* }" = 0 ] && ! grep -Fqx "${bridge% *}" "$STATE/networks"; then timeout 20 docker network rm docker_gwbridge >/dev/null; fi
}
