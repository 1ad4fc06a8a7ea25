# shellcheck shell=sh
# Prints what the doctor has to know of a machine, a line `KEY VALUE` for each fact. It only looks: it loads no kernel
# module, writes no file, and lists rules only where listing them makes no table.

module() {
  modules=/lib/modules/$(uname -r)
  if [ -d "/sys/module/$1" ] || grep -qs "/$1\.ko" "$modules/modules.builtin"; then
    state=there
  elif [ -d "$modules" ] && command -v modprobe >/dev/null; then
    if modprobe --dry-run --quiet "$1"; then state=there; else state=missing; fi
  else
    case $(zcat /proc/config.gz 2>/dev/null | cat - "/boot/config-$(uname -r)" 2>/dev/null | grep -m 1 "^CONFIG_$2=") in
    *=y) state=there ;;
    *) state=unknown ;;
    esac
  fi
  echo "module.$1 $state"
}

# The filter rules of one iptables backend that concern what is passed on. The programs of the legacy backend make its
# table by listing it, so it is listed only where it is there.
forwarding() {
  case $1 in legacy) grep -qsx filter /proc/net/ip_tables_names || return 0 ;; esac
  command -v "iptables-$1-save" >/dev/null || return 0
  "iptables-$1-save" -t filter 2>/dev/null | grep -E '^(:FORWARD|:DOCKER|-A DOCKER-USER) ' | sed "s/^/filter.$1 /"
}

firewall() {
  [ "$(id -u)" -eq 0 ] || return 0
  echo "iptables $(iptables --version 2>/dev/null || echo none)"
  forwarding nft
  forwarding legacy
}

engine() {
  if ! command -v docker >/dev/null; then
    echo "engine.missing docker"
    return
  fi
  said=$(timeout 8 docker info --format 'engine {{json .}}' 2>&1) || echo "engine.failed $?"
  printf '%s\n' "$said" | sed '/^engine {/!s/^/engine.said /'
  root=$(printf '%s\n' "$said" | sed -n 's/.*"DockerRootDir":"\([^"]*\)".*/\1/p')
  df -Pk "${root:-/var/lib}" 2>/dev/null | awk -v at="${root:-/var/lib}" 'NR == 2 { print "disk", $4, at }'
}

facts() {
  echo "time $(date +%s)"
  echo "user $(id -u) $(id -un)"
  echo "hostname $(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)"
  echo "machine-id $(cat /etc/machine-id 2>/dev/null)"
  module veth VETH
  module bridge BRIDGE
  module vxlan VXLAN
  module br_netfilter BRIDGE_NETFILTER
  echo "forward $(cat /proc/sys/net/ipv4/ip_forward)"
  awk '$1 == "MemAvailable:" { print "memory", $2 }' /proc/meminfo
  for folder in /etc /usr/local /var/lib; do [ -w "$folder" ] || echo "unwritable $folder"; done
  ip -o -4 address show 2>/dev/null | while read -r _ device _ address _; do
    echo "address ${address%/*} $(cat "/sys/class/net/${device%%@*}/mtu")"
  done
  firewall
  engine
}
