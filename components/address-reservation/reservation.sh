# shellcheck shell=sh
# Looks whether subnets and ports are free on an engine and its host. Variables: OWNER (project/stack, whose networks and
# containers do not count), INTERFACES (whose routes do not count), SUBNETS, PORTS (ADDRESS:PORT), each of them separated
# by spaces and perhaps empty; SETTINGS, which setting chooses each, a line each; PULUMI_COMMAND_STDOUT, the last SETTINGS.
# shellcheck disable=SC2016 # templates of docker and programs of awk have variables of their own

OWNED='{{.Label "dockernet.project"}}/{{.Label "dockernet.stack"}} {{.Names}}'

refuse() {
  echo "environment ${OWNER:?}: $1; choose another in its settings" >&2
  exit 1
}

# Functions of awk: whether two blocks, or addresses, share an address, and whether the first one lies in the second.
BLOCKS='
  function number(address, octet) { split(address, octet, "."); return ((octet[1] * 256 + octet[2]) * 256 + octet[3]) * 256 + octet[4] }
  function bits(block) { return block ~ /\// ? substr(block, index(block, "/") + 1) : 32 }
  function same(a, b, prefix) { return int(number(a) / 2 ^ (32 - prefix)) == int(number(b) / 2 ^ (32 - prefix)) }
  function shared(a, b) { return same(a, b, bits(a) < bits(b) ? bits(a) : bits(b)) }
  function inside(a, b) { return bits(a) >= bits(b) && same(a, b, bits(b)) }'

# overlapping SUBNET, with lines of a block and a description: the descriptions of the blocks that share an address.
overlapping() {
  awk -v mine="$1" "$BLOCKS"' { block = $1; sub(/^[^ ]+ /, ""); if (shared(mine, block)) print }'
}

# Every IPv4 block of the engine's networks, and of which: BLOCK INTERFACE PROJECT/STACK NAME, with the name that the
# interface of a bridge has.
engine_blocks() {
  ids=$(docker network ls --quiet) || return
  echo "$ids" | xargs docker network inspect --format \
    '{{$n := .}}{{range .IPAM.Config}}{{.Subnet}} {{or (index $n.Options "com.docker.network.bridge.name") (printf "br-%.12s" $n.ID)}} {{index $n.Labels "dockernet.project"}}/{{index $n.Labels "dockernet.stack"}} {{$n.Name}}{{"\n"}}{{end}}' |
    awk '$1 ~ /^[0-9.]+\/[0-9]+$/'
}

# With lines of engine_blocks: every block of a network that is not this environment's, and its description.
networks() {
  awk -v owner="$OWNER" 'NF && $3 != owner { print $1, "the network " $4 " (" $1 ")" ($3 == "/" ? "" : " of environment " $3) }'
}

# With lines of engine_blocks: every route and address of the host, in whichever table, and every rule for a block, and
# its description. Not among them are the default routes, what an engine gives the bridge of a network, and the owner's.
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
    # A throw leaves it to another table.
    $1 == "broadcast" || $1 == "throw" { next }
    {
      block = $1 ~ /^[a-z]/ ? $2 : $1
      if (block !~ /^[0-9]/ || block ~ /^(0|128)\.0\.0\.0\/[01]$/ || known(block, after("dev", $0))) next
      print block, $1 == "local" ? "an address of this host (" block " dev " after("dev", $0) ")" : "a route of this host (" $0 ")"
    }'
}

# Who holds a port of the host: `own`, the container of another environment, or a process.
holder() {
  docker ps --filter "publish=${1##*:}" --format "$OWNED {{.Ports}}" |
    awk -v owner="$OWNER" -v port=":${1##*:}->" 'index($0, port) { print $1 == owner ? "own" : "the container " $2 }'
  pid=$(ss --listening --tcp --numeric --no-header --processes "sport = :${1##*:}" |
    sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -n 1)
  if [ -z "$pid" ]; then
    # Of a container with the host's network only root sees the process.
    docker ps --filter network=host --format "$OWNED" | awk -v owner="$OWNER" '$1 == owner { print "own" }'
    echo "another process"
    return
  fi
  container=$(sed -n 's/.*\([0-9a-f]\{64\}\).*/\1/p' "/proc/$pid/cgroup" | head -n 1)
  docker ps --no-trunc --filter "id=${container:-none}" --format "$OWNED" |
    awk -v owner="$OWNER" '{ print $1 == owner ? "own" : "the container " $2 }'
  program=$(readlink "/proc/$pid/exe") || program=unknown
  echo "the process ${program##*/} ($pid)"
}

# listening ADDRESS:PORT: whether somebody listens there, or on every address.
listening() {
  ss --listening --tcp --numeric --no-header "sport = :${1##*:}" |
    awk -v address="${1%:*}" '{ sub(/:[0-9]+$/, "", $4); sub(/%.*/, "", $4)
      if (address == "0.0.0.0" || $4 == address || $4 == "0.0.0.0" || $4 == "*" || $4 == "[::]") found = 1 }
      END { exit !found }'
}

# is_local ADDRESS: whether a program of the host can listen on it.
is_local() {
  [ "$1" = 0.0.0.0 ] || ip -4 route get "$1" 2>/dev/null | grep -q '^local ' ||
    [ "$(cat /proc/sys/net/ipv4/ip_nonlocal_bind 2>/dev/null)" = 1 ]
}

local_engine() {
  case ${DOCKER_HOST:-unix:} in unix:*) command -v ip >/dev/null ;; *) false ;; esac
}

# What stands in the way of each subnet, address and port, a line each.
obstacles() {
  blocks=$(engine_blocks) || return 0 # the engine does not answer, and what it has cannot be told
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

# What a setting is to get that another one had in the last update, a line each.
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
  [ -z "$moved" ] || {
    echo "environment ${OWNER:?}: $moved until this update is done; change one of the two first, then the other" >&2
    exit 1
  }
  found=$(obstacles | head -n 1)
  [ -z "$found" ] || refuse "$found"
}

up() { echo "${SETTINGS-}"; }
down() { :; }
