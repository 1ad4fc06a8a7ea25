# shellcheck shell=sh
# Whether the program in the settings may follow the one with which the member NAME last used its data
# (https://etcd.io/docs/v3.6/upgrades/). A member's script includes this file (member.sh) after process.sh and membership.sh.
# Variables: WANTED, the version in the settings (install.sh); V2 (common.sh).

# The first patch release of 3.5 whose members 3.6 reads as they are (https://etcd.io/blog/2025/zombie_members_upgrade/).
LEAST_OF_3_5=26
# The key of a cluster that has served the v2 API before, in the cluster itself (API v3).
SERVED_V2=dockernet/served-v2

# Refuses a version that etcd does not take the data with. Sets upgrade to yes if the minor version changes.
check_upgrade() {
  has_data || return 0
  own_urls
  last=$(last_version)
  if [ -z "$last" ] || [ "$(minor "$last")" = "$(minor "$WANTED")" ]; then return 0; fi
  require_program curl curl
  if [ -n "$(healthy "$OWN" 2)" ]; then CLUSTER=$OWN; else find_cluster 2 || :; fi
  cluster=$(versions "${CLUSTER%%,*}" | cut -d ' ' -f 2)
  cluster=$(minor "${cluster:-$last}") next=$(minor "$WANTED")
  [ "$next" -ge "$cluster" ] ||
    refuse "its cluster is etcd 3.$cluster, and a downgrade to $WANTED is not supported: keep 3.$cluster, or make a new cluster of 3.$next and restore the keys of a backup into it"
  [ "$next" -le $((cluster + 1)) ] ||
    refuse "its cluster is etcd 3.$cluster, and an upgrade skips no minor version: set $(before "$next") before $WANTED"
  [ "$next" -lt 6 ] || check_3_6
  # shellcheck disable=SC2034 # used by membership.sh
  upgrade=yes
}

# before MINOR: the versions from which etcd is upgraded to this one
before() { if [ "$1" -eq 6 ]; then echo "3.5.$LEAST_OF_3_5 or a later 3.5"; else echo "3.$(($1 - 1))"; fi; }

# The version of the running member, or of the program that it was last started with.
last_version() {
  found=$(versions "$OWN" | cut -d ' ' -f 1)
  echo "${found:-$(version_of "$(last_command | cut -d ' ' -f 1)" 2>/dev/null)}"
}

check_3_6() {
  for url in $(rows "$CLUSTER" | awk -F ', ' '{ print $5 }'); do
    found=$(versions "$url" | cut -d ' ' -f 1)
    case $found in
    3.5.*) [ "${found##*.}" -ge "$LEAST_OF_3_5" ] || refuse "the member at $url is etcd $found: set $(before 6) before $WANTED" ;;
    esac
  done
  if served_v2 || [ "$(ctl "$CLUSTER" 3 get --print-value-only "$SERVED_V2")" = yes ]; then
    refuse "its cluster has served the v2 API, and etcd 3.6 stops at the writes to it that are left in its log: copy the v3 keys into a new cluster of $WANTED"
  fi
}

# Whether the member was last started with the v2 API.
served_v2() {
  case "$(last_command) " in
  *" --enable-v2 "*) ;;
  *" --enable-v2=false "*) return 1 ;;
  *) [ "$(minor "${last:-3.4}")" = 3 ] ;;
  esac
}

# Notes in the cluster that the member is about to stop serving the v2 API.
note_v2() {
  if [ "$V2" = no ] && served_v2; then ctl "$OWN" 3 put "$SERVED_V2" yes >/dev/null || :; fi
}
