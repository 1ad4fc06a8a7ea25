# shellcheck shell=sh
# Waits until every member of an etcd cluster answers with a quorum behind it. Variables: NAME, the member on this host;
# ENDPOINTS, a line a member, its name and its client URL; TIMEOUT in seconds; SUPERVISOR; STARTED, what the members said.

STATE=/var/lib/dockernet-etcd-${NAME:?}

check() { :; }
down() { :; }

# A health check of etcd's commits a proposal, so a member that passes has a quorum as it sees it.
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

last_lines() {
  if [ "${SUPERVISOR:?}" = systemd ]; then
    journalctl -u "dockernet-etcd-$NAME" -n 100 -o cat --no-pager 2>/dev/null
  else
    tail -n 100 "/var/log/dockernet-etcd-$NAME.log"
  fi | grep -Ev '^( |Usage:|$)' | tail -n 10
}

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
