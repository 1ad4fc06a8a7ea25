# shellcheck shell=sh
# Verb: settings. Prints how the Docker engine of a host was started, a line `KEY VALUE` for each fact: its command
# line, its unit, its settings file in one line, its bridge networks, how many of its threads are in a network
# namespace that no longer exists, and the engines that it has met, if it has a cluster store. Changes nothing. No variables.

# shellcheck source=components/cluster-store-engine/strays.sh
. ../../components/cluster-store-engine/strays.sh
# shellcheck source=components/cluster-store-engine/gossip.sh
. ../../components/cluster-store-engine/gossip.sh

settings() {
  pid=$(cat /var/run/docker.pid 2>/dev/null)
  if [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ]; then
    echo "dockerd $pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    strays=$(strays "$pid")
    [ "$strays" -eq 0 ] || echo "dockerd.strays $strays"
  fi
  file=$(tr '\0' '\n' <"/proc/${pid:-none}/cmdline" 2>/dev/null | sed -n '/^--config-file$/{n;p;}; s/^--config-file=//p')
  file=${file:-/etc/docker/daemon.json}
  [ ! -r "$file" ] || echo "daemon $(tr '\n' ' ' <"$file")"
  echo "daemon.file $file"
  if [ -d /run/systemd/system ] && systemctl is-active --quiet docker; then
    echo "dockerd.unit docker"
    if tr '\0' '\n' <"/proc/${pid:-none}/cmdline" 2>/dev/null | grep -q '^--cluster-store'; then
      echo "dockerd.met $(met | paste -sd ' ' -)"
    fi
  fi
  command -v docker >/dev/null || return 0
  ids=$(timeout "$((8 * ${SLOWNESS:-1}))" docker network ls --quiet --filter driver=bridge 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # ids are words of hexadecimal digits
  if [ -z "$ids" ]; then
    echo "networks []"
  elif found=$(timeout "$((8 * ${SLOWNESS:-1}))" docker network inspect $ids 2>/dev/null); then
    echo "networks $(printf %s "$found" | tr -d '\n')"
  fi
}
