# shellcheck shell=sh
# Waits until every member of an etcd cluster is healthy, which needs a quorum. Variables: NAME, the member on this host;
# ENDPOINTS, a line of name and client URL for each member; TIMEOUT in seconds; SUPERVISOR (systemd or nohup); STARTED, what
# the members' scripts printed, which makes this one run again after a change of theirs.
# shellcheck source=components/etcd-cluster/common.sh
. ./common.sh

check() { :; }
down() { :; }

# etcd's health check commits a proposal, so a member that passes it has a quorum.
health() {
  urls=$(echo "${ENDPOINTS:?}" | cut -d ' ' -f 2 | paste -sd , -)
  no_proxy='*' NO_PROXY='*' ETCDCTL_API=3 "$(tail -n 1 "$STATE/program")/etcdctl" --endpoints "$urls" --command-timeout 3s endpoint health 2>&1
}

silent() {
  echo "$ENDPOINTS" | while read -r name url; do
    echo "$1" | grep -Fq "$url is healthy" || echo "$name ($url: $(reason "$1" "$url"))"
  done
}

reason() { echo "$1" | sed -n "s|^$2 is unhealthy: *||p" | grep . || echo "no answer"; }

up() {
  end=$(($(date +%s) + ${TIMEOUT:?}))
  while
    unhealthy=$(silent "$(health)")
    [ -n "$unhealthy" ]
  do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "etcd: no quorum after $TIMEOUT s from $(echo "$unhealthy" | paste -sd , - | sed 's/,/, /g'); $NAME's last lines:" >&2
      last_lines >&2
      return 1
    fi
    sleep 0.3
  done
  echo "$ENDPOINTS"
}
