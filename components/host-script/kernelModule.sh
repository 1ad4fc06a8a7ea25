# shellcheck shell=sh
# Whether the kernel of this host has a module. Loads none.

# module_state NAME: prints `there` or `missing`; `unknown` where that cannot be seen.
module_state() {
  modules=/lib/modules/$(uname -r)
  if [ -d "/sys/module/$1" ] || grep -qs "/$1\.ko" "$modules/modules.builtin"; then
    state=there
  elif [ -d "$modules" ] && command -v modprobe >/dev/null; then
    if modprobe --dry-run --quiet "$1"; then state=there; else state=missing; fi
  else
    case $1 in br_netfilter) option=BRIDGE_NETFILTER ;; esp4) option=INET_ESP ;; *) option=$(echo "$1" | tr '[:lower:]' '[:upper:]') ;; esac
    case $(zcat /proc/config.gz 2>/dev/null | cat - "/boot/config-$(uname -r)" 2>/dev/null | grep -Em 1 "^(# )?CONFIG_${option}[= ]") in
    *=y) state=there ;;
    *" is not set") state=missing ;;
    *) state=unknown ;;
    esac
  fi
  echo "$state"
}
