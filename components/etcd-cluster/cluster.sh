# shellcheck shell=sh
# Questions to an etcd cluster, and the removal of a member. A script includes this file after common.sh. Variables: NAME of this host's member; PEERS, a line of name, client URL and peer URL for each
# member that the cluster has or had; TOKEN; EXISTS, whether the cluster has been created before (yes or no).

# The key with the cluster's token, in the cluster itself (API v3).
MARK=dockernet/token

# shellcheck disable=SC2153 # a variable of common.sh
etcdctl_path() { echo "$(tail -n 1 "$STATE/program")/etcdctl"; }

# ctl URLS SEC ARGUMENT...: etcdctl, v3 API
ctl() {
  urls=$1 sec=$2
  shift 2
  ask "$((sec + 2))" "$(etcdctl_path)" 3 "$urls" --dial-timeout 1s --command-timeout "${sec}s" "$@" </dev/null 2>&1
}

# What etcdctl says went wrong, without its log.
reason() { printf '%s\n' "$1" | sed -n 's/^Error: *//p' | tail -n 1 | grep . || echo "no answer"; }

# listening URLS SEC: those client URLs whose port takes connections, a comma between them; all of them without curl. etcdctl would wait
# for the others as long as it may, and for a second after each refusal (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md).
listening() {
  if ! command -v curl >/dev/null; then
    echo "$1"
    return
  fi
  for url in $(echo "$1" | tr , ' '); do
    # The time until it was connected, also if there was no answer after that; 0 if it never was.
    case $(curl -s -k -m "$2" --noproxy '*' -o /dev/null -w '%{time_connect}' "$url/version") in *[1-9]*) echo "$url" ;; esac &
  done | paste -sd , -
}

# healthy URLS SEC: the client URLs whose members have a quorum, a line each. The check commits a proposal, so a learner and a
# member without quorum fail it.
healthy() {
  asked=$(listening "$1" "$2")
  [ -z "$asked" ] || ctl "$asked" "$2" endpoint health | sed -n 's/^\(http[^ ]*\) is healthy.*/\1/p'
}

client_urls() { printf '%s\n' "${PEERS:?}" | cut -d ' ' -f 2 | paste -sd , -; }

# rows URLS: the members, a line each: id, status, name, peer URLs, client URLs, whether it is a learner.
rows() { ctl "$1" 3 member list | grep -E '^[0-9a-f]+, (un)?started, ' || :; }

# entry URLS PEER_URL: the member with this peer URL.
entry() { rows "$1" | grep -F ", $2, " || :; }
id_of() { printf '%s\n' "${1%%,*}"; }
column() { printf '%s\n' "$1" | awk -F ', *' -v column="$2" '{ print $column }'; }
voters() { rows "$1" | grep -Evc ', true$' || :; }

# find_cluster SEC: sets CLUSTER to the client URLs of the members that have a quorum. Fails if there are none, or if they
# belong to another cluster. A cluster gets its mark when it is complete.
find_cluster() {
  CLUSTER=
  for url in $(healthy "$(client_urls)" "$1"); do
    mark=$(ctl "$url" 3 get --print-value-only "$MARK")
    if [ "$mark" = "${TOKEN:?}" ] || { [ -z "$mark" ] && { [ "${EXISTS:?}" = yes ] || [ -n "$(entry "$url" "$PEER")" ]; }; }; then
      CLUSTER=${CLUSTER:+$CLUSTER,}$url
    fi
  done
  [ -n "$CLUSTER" ]
}

# leads STATUS: whether the member with this status is the leader. Later versions have further columns before this first word.
leads() { printf '%s\n' "$1" | grep -Eo '\b(true|false)\b' | head -n 1 | grep -qx true; }

# remove_member URLS ROW: takes a member out of the cluster, or sets said to what etcd answered. If it is the leader, it hands
# over first to one of URLS.
remove_member() {
  id=$(id_of "$2")
  for url in $(printf '%s\n' "$1,$(column "$2" 5)" | tr , ' '); do
    state=$(ctl "$url" 3 endpoint status) || continue
    if [ "$(column "$state" 2)" != "$id" ]; then heir=$(column "$state" 2); fi
    if [ "$(column "$state" 2)" = "$id" ] && leads "$state"; then leader=$url; fi
  done
  if [ -n "${leader:-}" ] && [ -n "${heir:-}" ]; then ctl "$leader" 5 move-leader "$heir" >/dev/null || :; fi
  leader='' heir=''
  # shellcheck disable=SC2034 # for the caller's message
  said=$(ctl "$1" 5 member remove "$id") || ! rows "$1" | grep -q "^$id, "
}
