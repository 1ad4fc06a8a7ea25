# shellcheck shell=sh
# Finds and fixes what keeps the etcd member NAME on this host from writing. Verbs:
#   room      prints the folder of its data and the free bytes there, its status, alarms and quota, and the hash of the
#             v3 keys of each member at one revision; of a member that does not answer, its error about its data;
#             `gone yes` if there is no data.
#             Changes nothing. Variable: URLS, the client URLs, separated by commas
#   compact   drops old revisions of v3 keys in the whole cluster
#   defrag    returns the space of dropped revisions to the disk, on this member, which does not answer meanwhile
#   disarm    clears the cluster's NOSPACE alarm
# Variable: NAME.
# shellcheck source=lab/host/etcd/client.sh
. ./client.sh

# Only root sees the folder of a member that systemd runs as a user of its own.
is_gone() { [ "$(id -u)" = 0 ] && [ ! -e "$STATE/data/member" ]; }

status() { post "$OWN_MEMBER" maintenance/status '{}'; }
revision() { status | sed -n 's/.*"revision":"\([0-9]*\)".*/\1/p'; }

room() {
  echo "folder $STATE"
  echo "free $(free_bytes)"
  if is_gone; then echo "gone yes"; fi
  if [ -z "$(status 2>/dev/null)" ]; then
    echo "complaint $(complaint)"
    return
  fi
  printf '%s\n' "status $(status)" "alarms $(post "$OWN_MEMBER" maintenance/alarm '{"action":"GET"}')"
  echo "quota $(api "$OWN_MEMBER/metrics" | sed -n 's/^etcd_server_quota_backend_bytes //p')"
  PATIENCE=2s ctl "${URLS:?}" endpoint hashkv --rev "$(revision)" 2>/dev/null | sed 's/^/hash /' || true
}

compact() { ctl "$OWN_MEMBER" compact --physical "$(revision)" >/dev/null 2>&1 || true; }
defrag() { PATIENCE=60s ctl "$OWN_MEMBER" defrag >/dev/null; }
disarm() { ctl "$OWN_MEMBER" alarm disarm >/dev/null; }
