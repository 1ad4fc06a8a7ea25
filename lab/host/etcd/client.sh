# shellcheck shell=sh
# How scripts of the lab command use the etcd member NAME on its host: each call of etcdctl and of the HTTP API is here, with the
# certificates of the member if it has any. Variable: NAME.
# shellcheck source=components/etcd-cluster/common.sh
. ../../../components/etcd-cluster/common.sh
# shellcheck source=components/etcd-cluster/http.sh
. ../../../components/etcd-cluster/http.sh

SUBJECT="etcd member $NAME"
# shellcheck disable=SC2034 # used by common.sh
SUPERVISOR=$([ -e "$UNIT_FILE" ] && echo systemd || echo nohup)
# The clusters of labs are cluster stores.
# shellcheck disable=SC2034 # used by common.sh
V2=yes
# shellcheck disable=SC2034 # used by the including scripts
OWN_MEMBER=$(scheme)://127.0.0.1:2379

refuse() {
  echo "$SUBJECT: $1" >&2
  exit 1
}

# The folder of etcd's programs, as the member's script recorded it; without its record those on the path.
program_folder() { tail -n 1 "$STATE/program" 2>/dev/null | grep . || dirname "$(command -v etcd || refuse "etcd is not installed")"; }

version() { version_of "$(program_folder)/etcd"; }

# ctl URL ARGUMENT...: etcdctl, v3 API
ctl() {
  endpoint=$1
  shift
  ask 120 "$(program_folder)/etcdctl" 3 "$endpoint" --command-timeout "${PATIENCE:-20s}" "$@" </dev/null
}

# api URL: a question to the API that has the v2 keys
api() { http 20 -f "$1"; }

# post URL METHOD JSON: a call of the v3 API through its gateway
post() { http 3 -f -X POST "$1/v3/$2" -d "$3"; }

# Puts hashes in the place of values in a JSON answer, so that a list of keys is small whatever they hold. Without python3 they stay.
digested() {
  if ! command -v python3 >/dev/null; then
    cat
    return
  fi
  python3 -I -c '
import hashlib, json, sys
def digested(item):
    if isinstance(item.get("value"), str):
        item["sha256"] = hashlib.sha256(item.pop("value").encode()).hexdigest()
    return item
json.dump(json.load(sys.stdin, object_hook=digested), sys.stdout)
' 2>/dev/null
}

# Prints all keys as JSON, a line for each API. keys PREFIX URL [local]: `local` asks the member alone, without a quorum.
keys() {
  case ${3-} in local) v2='' v3=--consistency=s ;; *) v2='&quorum=true' v3=--consistency=l ;; esac
  # printf, since echo of sh resolves the backslashes of JSON.
  printf '%s\n' "$1.v2 $(api "$2/v2/keys/?recursive=true$v2" | digested)" \
    "$1.v3 $(ctl "$2" get '' --prefix "$v3" -w json | digested)"
}

healthy() { PATIENCE=3s ctl "$1" endpoint health >/dev/null 2>&1; }

# await_healthy URL [PID]: waits until a member has a quorum, as long as its process PID lives
await_healthy() {
  end=$(($(date +%s) + ${QUORUM_SEC:-30}))
  until healthy "$1"; do
    if [ "$(date +%s)" -ge "$end" ] || { [ -n "${2-}" ] && ! kill -0 "$2" 2>/dev/null; }; then return 1; fi
    sleep 0.2
  done
}

# A TCP port of the loopback interface on which nothing listens.
free_port() {
  while
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    [ -n "$(ss -H -ltn "sport = :$port")" ]
  do :; done
  echo "$port"
}

# solo FOLDER LOG FLAG...: starts an etcd on data in FOLDER that asks no other member, at SCRATCH_URL and as SCRATCH_PID
solo() {
  folder=$1 log=$2
  shift 2
  SCRATCH_URL=$(scheme)://127.0.0.1:$(free_port)
  own_peer=http://127.0.0.1:$(free_port)
  start_etcd "$folder" "$log" --force-new-cluster --listen-peer-urls "$own_peer" --initial-advertise-peer-urls "$own_peer" \
    --initial-cluster "$NAME=$own_peer" --listen-client-urls "$SCRATCH_URL" --advertise-client-urls "$SCRATCH_URL" "$@"
}

# start_etcd FOLDER LOG FLAG...: starts an etcd of this script, as SCRATCH_PID
start_etcd() {
  folder=$1 log=$2
  shift 2
  if [ -n "$TLS" ]; then
    set -- "$@" --cert-file "$TLS/cert.pem" --key-file "$TLS/key.pem" --trusted-ca-file "$TLS/ca.pem" --client-cert-auth
  fi
  # shellcheck disable=SC2046 # no word or more
  env NO_PROXY='*' $(architecture_variable) "$(program_folder)/etcd" --name "$NAME" --data-dir "$folder" \
    $(v2_flag "$(program_folder)") "$@" </dev/null >"$log" 2>&1 &
  SCRATCH_PID=$!
}

end_etcd() {
  [ -n "${SCRATCH_PID-}" ] || return 0
  kill "$SCRATCH_PID" 2>/dev/null || true
  timeout 5 tail --pid="$SCRATCH_PID" -f /dev/null || kill -9 "$SCRATCH_PID" 2>/dev/null || true
  SCRATCH_PID=
}

# What etcd says now of data that is lost, corrupt or of another cluster. It restarts, or repeats it, every second. What a member
# that was stopped has said says nothing about its data.
complaint() {
  if [ "$SUPERVISOR" = systemd ] && [ "$(systemctl is-active "$UNIT")" = inactive ]; then return; fi
  if [ "$SUPERVISOR" = systemd ]; then
    journalctl -u "$UNIT" --since -20s -o cat --no-pager 2>/dev/null
  else
    tail -n 50 "$LOG" 2>/dev/null
  fi | grep -Eo 'cluster ID mismatch|tocommit\([0-9]+\) is out of range|has already been bootstrapped|Its data is gone|crc mismatch|illegal tag|corrupt|invalid database' | tail -n 1
}

# Free bytes of the file system with the data, or with the nearest folder that is there.
free_bytes() {
  place=$(readlink -m "$STATE/data")
  while [ ! -d "$place" ]; do place=$(dirname "$place"); done
  df --output=avail -B1 "$place" | tail -n 1 | tr -d ' '
}
