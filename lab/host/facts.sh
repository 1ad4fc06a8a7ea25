# shellcheck shell=sh
# Verbs that print facts of a host, a line `KEY VALUE` for each: facts, engine, images. They change nothing: no kernel
# module is loaded and no file is written. Variable of facts: MODULES, the kernel modules to look for, separated by spaces. SLOWNESS, the
# factor of time limits, is 1 by default.

# shellcheck source=components/host-script/kernelModule.sh
. ../../components/host-script/kernelModule.sh

engine() {
  if ! command -v docker >/dev/null; then
    echo "engine.missing docker"
    return
  fi
  [ -z "${DOCKER_API_VERSION:-}" ] || echo "engine.api $DOCKER_API_VERSION"
  said=$(timeout "$((8 * ${SLOWNESS:-1}))" docker info --format 'engine {{json .}}' 2>&1) || echo "engine.failed $?"
  printf '%s\n' "$said" | sed '/^engine {/!s/^/engine.said /'
  timeout "$((8 * ${SLOWNESS:-1}))" docker version --format 'engine.speaks {{.Server.APIVersion}} {{.Server.MinAPIVersion}}' 2>/dev/null
  root=$(printf '%s\n' "$said" | sed -n 's/.*"DockerRootDir":"\([^"]*\)".*/\1/p')
  df -Pk "${root:-/var/lib}" 2>/dev/null | awk -v at="${root:-/var/lib}" 'NR == 2 { print "disk", $4, at }'
}

# Where the kernel has AppArmor, an engine loads a profile for its containers with this program.
apparmor() {
  [ -d /sys/kernel/security/apparmor ] && grep -qsx Y /sys/module/apparmor/parameters/enabled || return 0
  if (PATH=$PATH:/usr/sbin:/sbin && command -v apparmor_parser >/dev/null); then echo "apparmor there"; else echo "apparmor missing"; fi
}

images() { timeout "$((8 * ${SLOWNESS:-1}))" docker image ls --format 'image {{.Repository}}:{{.Tag}}' 2>/dev/null; }

# Proxies in the environment of the shell and of the engine, each once: `own` or `engine`, VARIABLE URL STATE.
proxies() {
  {
    env | sed 's/^/own /'
    tr '\0' '\n' 2>/dev/null <"/proc/$(cat /var/run/docker.pid 2>/dev/null)/environ" | sed 's/^/engine /'
  } | sed -En 's/^(own|engine) ((https?|all)_proxy)=(.+)/\1 \2 \4/Ip' | sort -u -k 1,1 -k 3,3 | while read -r whose name url; do
    at=${url#*://}
    at=${at##*@}
    at=${at%%/*}
    case $at in *:*) ;; *) at=$at:80 ;; esac
    state=unknown
    if command -v bash >/dev/null; then
      # shellcheck disable=SC2016 # variables of the shell that is started
      if timeout "$((2 * ${SLOWNESS:-1}))" bash -c '</dev/tcp/$0/$1' "${at%:*}" "${at##*:}" 2>/dev/null; then state=open; else state=shut; fi
    fi
    echo "proxy $whose $name $(echo "$url" | sed 's|//[^/]*@|//|') $state"
  done
}

facts() {
  echo "time $(date +%s)"
  echo "user $(id -u) $(id -un)"
  echo "hostname $(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)"
  echo "machine-id $(cat /etc/machine-id 2>/dev/null)"
  for name in ${MODULES-}; do echo "module.$name $(module_state "$name")"; done
  echo "forward $(cat /proc/sys/net/ipv4/ip_forward)"
  awk '$1 == "MemAvailable:" { print "memory", $2 }' /proc/meminfo
  for folder in /etc /usr/local /var/lib; do [ -w "$folder" ] || echo "unwritable $folder"; done
  ip -o -4 address show 2>/dev/null | while read -r _ device _ address _; do
    echo "address ${address%/*} $(cat "/sys/class/net/${device%%@*}/mtu")"
  done
  proxies
  apparmor
  engine
}
