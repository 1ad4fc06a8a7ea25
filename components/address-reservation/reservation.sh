# shellcheck shell=sh
# Checks that subnets and ports are free on an engine and its host. Verbs: those of verbs.sh, and
#   obstacles   prints what occupies the subnets, addresses and ports, one line per conflict
# Variables: OWNER (project/stack), whose networks and containers are ignored; INTERFACES, whose routes are ignored;
# SUBNETS; PORTS (ADDRESS:PORT). Each list is separated by spaces and may be empty. For the verbs of verbs.sh: SETTINGS,
# lines of a setting and its value; PULUMI_COMMAND_STDOUT, the SETTINGS of the last update. For obstacles, optional:
# LOOK_SEC, the time limit of one question to the engine, in seconds.
# shellcheck disable=SC2016 # templates of docker and programs of awk have variables of their own
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="environment ${OWNER:?}"
OWNED='{{.Label "dockernet.project"}}/{{.Label "dockernet.stack"}} {{.Names}}'
ANSWER_SEC=${LOOK_SEC:-300}

engine() { timeout "$ANSWER_SEC" docker "$@"; }

# awk functions: whether two blocks or addresses overlap, and whether the first is inside the second.
BLOCKS='
  function number(address, octet) { split(address, octet, "."); return ((octet[1] * 256 + octet[2]) * 256 + octet[3]) * 256 + octet[4] }
  function bits(block) { return block ~ /\// ? substr(block, index(block, "/") + 1) : 32 }
  function same(a, b, prefix) { return int(number(a) / 2 ^ (32 - prefix)) == int(number(b) / 2 ^ (32 - prefix)) }
  function shared(a, b) { return same(a, b, bits(a) < bits(b) ? bits(a) : bits(b)) }
  function inside(a, b) { return bits(a) >= bits(b) && same(a, b, bits(b)) }'

# overlapping SUBNET: reads lines of a block and its description, prints the descriptions of overlapping blocks.
overlapping() {
  awk -v mine="$1" "$BLOCKS"' { block = $1; sub(/^[^ ]+ /, ""); if (shared(mine, block)) print }'
}

# Prints every IPv4 block of the engine's networks: BLOCK INTERFACE PROJECT/STACK NAME. The interface is the bridge.
engine_blocks() {
  ids=$(engine network ls --quiet) || return
  echo "$ids" | xargs timeout "$ANSWER_SEC" docker network inspect --format \
    '{{$n := .}}{{range .IPAM.Config}}{{.Subnet}} {{or (index $n.Options "com.docker.network.bridge.name") (printf "br-%.12s" $n.ID)}} {{index $n.Labels "dockernet.project"}}/{{index $n.Labels "dockernet.stack"}} {{$n.Name}}{{"\n"}}{{end}}' |
    awk '$1 ~ /^[0-9.]+\/[0-9]+$/'
}

# Reads the output of engine_blocks, prints the block and description of each network that is not the owner's.
networks() {
  awk -v owner="$OWNER" 'NF && $3 != owner { print $1, "the network " $4 " (" $1 ")" ($3 == "/" ? "" : " of environment " $3) }'
}

# Reads the output of engine_blocks, prints the block and description of every route, address and policy rule of the
# host, in all tables. Left out: default routes, addresses and routes of an engine's bridges, and the owner's
# interfaces.
routes() {
  {
    sed -n 's/^./engine &/p'
    ip -4 -oneline rule show | sed 's/^/rule /'
    ip -4 -oneline route show table all | sed 's/^/route /'
  } | awk -v own=" ${INTERFACES-} " "$BLOCKS"'
    function after(word, text) { return match(text, " " word " [^ ]+") ? substr(text, RSTART + length(word) + 2, RLENGTH - length(word) - 2) : "" }
    function known(block, device, i) {
      for (i = 1; i <= count; i++) if (device == interface[i] && inside(block, subnet[i])) return 1
      return device != "" && index(own, " " device " ")
    }
    { gsub(/[\\\t ]+/, " "); sub(/( linkdown)? $/, ""); kind = $1; sub(/^[a-z]+ /, "") }
    kind == "engine" { subnet[++count] = $1; interface[count] = $2; next }
    kind == "rule" {
      sub(/^[0-9]+: /, "")
      block = after("to", $0)
      if (block ~ /^[0-9]/ && $1 != "not" && !/ (lookup (main|local|default)|goto [0-9]+|nop)( |$)/) print block, "a rule of this host (" $0 ")"
      next
    }
    $1 == "broadcast" || $1 == "throw" { next } # a throw route passes the packet to the next table
    {
      block = $1 ~ /^[a-z]/ ? $2 : $1
      if (block !~ /^[0-9]/ || block ~ /^(0|128)\.0\.0\.0\/[01]$/ || known(block, after("dev", $0))) next
      print block, $1 == "local" ? "an address of this host (" block " dev " after("dev", $0) ")" : "a route of this host (" $0 ")"
    }'
}

# Prints what listens on a port of the host: `own`, a container of another environment, or a process.
holder() {
  engine ps --filter "publish=${1##*:}" --format "$OWNED {{.Ports}}" |
    awk -v owner="$OWNER" -v port=":${1##*:}->" 'index($0, port) { print $1 == owner ? "own" : "the container " $2 }'
  pid=$(ss --listening --tcp --numeric --no-header --processes "sport = :${1##*:}" |
    sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -n 1)
  if [ -z "$pid" ]; then
    # Only root can see the process of a container on the host's network.
    engine ps --filter network=host --format "$OWNED" | awk -v owner="$OWNER" '$1 == owner { print "own" }'
    echo "another process"
    return
  fi
  container=$(sed -n 's/.*\([0-9a-f]\{64\}\).*/\1/p' "/proc/$pid/cgroup" | head -n 1)
  engine ps --no-trunc --filter "id=${container:-none}" --format "$OWNED" |
    awk -v owner="$OWNER" '{ print $1 == owner ? "own" : "the container " $2 }'
  program=$(readlink "/proc/$pid/exe") || program=unknown
  echo "the process ${program##*/} ($pid)"
}

# listening ADDRESS:PORT: whether a process listens there, or on all addresses.
listening() {
  ss --listening --tcp --numeric --no-header "sport = :${1##*:}" |
    awk -v address="${1%:*}" '{ sub(/:[0-9]+$/, "", $4); sub(/%.*/, "", $4)
      if (address == "0.0.0.0" || $4 == address || $4 == "0.0.0.0" || $4 == "*" || $4 == "[::]") found = 1 }
      END { exit !found }'
}

# is_local ADDRESS: whether a process on the host can listen on it.
is_local() {
  [ "$1" = 0.0.0.0 ] || ip -4 route get "$1" 2>/dev/null | grep -q '^local ' ||
    [ "$(cat /proc/sys/net/ipv4/ip_nonlocal_bind 2>/dev/null)" = 1 ]
}

local_engine() {
  case ${DOCKER_HOST:-unix:} in unix:*) command -v ip >/dev/null ;; *) false ;; esac
}

obstacles() {
  blocks=$(engine_blocks) || return 0 # without the engine's blocks its routes look like other users'
  held=$(
    echo "$blocks" | networks
    if local_engine; then echo "$blocks" | routes; fi
  )
  for subnet in ${SUBNETS-}; do
    echo "$held" | overlapping "$subnet" | sed -n "1s|^|$subnet overlaps |p"
  done
  local_engine || return 0
  for address in $(echo "${PORTS-}" | tr ' ' '\n' | sed 's/:.*//' | sort -u); do
    is_local "$address" || echo "address $address is on no interface of this host"
  done
  for port in ${PORTS-}; do
    if listening "$port"; then
      taken=$(holder "$port" | head -n 1)
      [ "$taken" = own ] || echo "port $port is taken by $taken"
    fi
  done
}

# Prints the values that move from one setting to another in this update, one per line.
exchanged() {
  echo "${SETTINGS-}" | while read -r setting value; do
    others=$(echo "${PULUMI_COMMAND_STDOUT:-}" | awk -v own="$setting" 'NF == 2 && $1 != own { print $2, $1 }')
    case $value in
    */*) echo "$others" | grep / | overlapping "$value" ;;
    *) echo "$others" | sed -n "s/^$value //p" ;;
    esac | sed -n "1s|^|$setting is to get $value, which is of |p"
  done
}

check() {
  moved=$(exchanged | head -n 1)
  [ -z "$moved" ] || refuse "$moved until this update is done; change one of the two first, then the other"
  found=$(obstacles | head -n 1)
  [ -z "$found" ] || refuse "$found; choose another in its settings"
}

up() { echo "${SETTINGS-}"; }
down() { :; }
