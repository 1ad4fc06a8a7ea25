# shellcheck shell=sh
# Waits until every member of an etcd cluster is healthy, which needs a quorum; then removes the members that are not in the
# settings, one after the other, while all others stay healthy. Variables: NAME, the member on this host; PEERS and TOKEN
# (cluster.sh), here the members of the settings only; TIMEOUT in seconds; SUPERVISOR (systemd or nohup); STARTED, what the
# members' scripts printed, which makes this one run again after a change of theirs. After an upgrade it waits until the cluster has
# the new version.
# shellcheck source=components/etcd-cluster/common.sh
. ./common.sh
# shellcheck source=components/etcd-cluster/cluster.sh
. ./cluster.sh
# shellcheck source=components/etcd-cluster/http.sh
. ./http.sh

check() { :; }
down() { :; }

# etcd's health check commits a proposal, so a member that passes it has a quorum.
silent() {
  said=
  if [ -n "${WHY-}" ] || all_listen; then said=$(ctl "$(client_urls)" 3 endpoint health || :); fi
  echo "$PEERS" | while read -r name url _; do
    printf '%s\n' "$said" | grep -Fq "$url is healthy" || echo "$name ($url: $(said_of "$url"))"
  done
}

all_listen() { [ "$(listening "$(client_urls)" 3 | tr , '\n' | grep -c .)" = "$(echo "$PEERS" | grep -c .)" ]; }

said_of() { { [ -z "${WHY-}" ] || tls_problem "$(etcdctl_path)" "$1"; } | grep . || printf '%s\n' "$said" | sed -n "s|^$1 is unhealthy: *||p" | grep . || echo "no answer"; }

await_all() {
  end=$(($(date +%s) + ${TIMEOUT:?}))
  while
    unhealthy=$(silent)
    [ -n "$unhealthy" ]
  do
    if [ "$(date +%s)" -ge "$end" ]; then
      unhealthy=$(WHY=yes silent)
      [ -n "$unhealthy" ] || return 0
      echo "etcd: no quorum after $TIMEOUT s from $(echo "$unhealthy" | paste -sd , - | sed 's/,/, /g'); $NAME's last lines:" >&2
      last_lines >&2
      return 1
    fi
    sleep 0.3
  done
}

# The members that are not in the settings, by their peer URLs.
unwanted() { rows "$(client_urls)" | awk -F ', ' -v peers="$(echo "$PEERS" | cut -d ' ' -f 3 | paste -sd ' ' -)" 'index(" " peers " ", " " $4 " ") == 0'; }

# etcd refuses while a member has been connected to the others for less than 5 seconds.
remove_when_safe() {
  end=$(($(date +%s) + TIMEOUT))
  until remove_member "$(client_urls)" "$1"; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "etcd: the member $(column "$1" 3) ($(column "$1" 4)) could not be removed within $TIMEOUT s: $(reason "$said")" >&2
      return 1
    fi
    sleep 1
  done
}

# The leader raises the cluster's version within some seconds after the last member was upgraded. An upgrade needs curl.
await_version() {
  command -v curl >/dev/null || return 0
  end=$(($(date +%s) + TIMEOUT))
  while
    all=$(echo "$PEERS" | while read -r _ url _; do versions "$url"; done)
    # A member's own minor version, and that of its cluster
    behind=$(echo "$all" | awk -F '[. ]' '!least || $2 < least { least = $2 } { cluster = $5 } END { if (cluster < least) print "3." cluster }')
    [ -n "$behind" ]
  do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "etcd: its cluster is still $behind $TIMEOUT s after the upgrade of its members ($(echo "$all" | cut -d ' ' -f 1 | paste -sd ' ' -))" >&2
      return 1
    fi
    sleep 0.3
  done
}

up() {
  know_api "$(etcdctl_path)"
  await_all
  if [ "$(ctl "$(client_urls)" 3 get --print-value-only "$MARK")" = "${TOKEN:?}" ]; then
    await_version
  else
    ctl "$(client_urls)" 5 put "$MARK" "$TOKEN" >/dev/null
  fi
  unwanted | while read -r row; do
    remove_when_safe "$row"
    await_all
  done
  echo "$PEERS"
}
