# shellcheck shell=sh
# Looks whether subnets and ports are free on an engine and its host. Variables: OWNER (project/stack, whose networks and
# containers do not count), INTERFACES (whose routes do not count), SUBNETS, PORTS (ADDRESS:PORT), each of them separated
# by spaces and perhaps empty.
# shellcheck disable=SC2016 # templates of docker and programs of awk have variables of their own

OWNED='{{.Label "dockernet.project"}}/{{.Label "dockernet.stack"}} {{.Names}}'

refuse() {
  echo "environment ${OWNER:?}: $1; choose another in its settings" >&2
  exit 1
}

# overlapping SUBNET, with lines of a block and a description: the descriptions of the blocks that share an address.
overlapping() {
  awk -v mine="$1" '
    function number(address, octet) { split(address, octet, "."); return ((octet[1] * 256 + octet[2]) * 256 + octet[3]) * 256 + octet[4] }
    function shared(a, b, x, y, prefix) {
      split(a, x, "/"); split(b, y, "/"); prefix = x[2] < y[2] ? x[2] : y[2]
      return int(number(x[1]) / 2 ^ (32 - prefix)) == int(number(y[1]) / 2 ^ (32 - prefix))
    }
    { block = $1; if (block !~ /\//) block = block "/32"; sub(/^[^ ]+ /, ""); if (shared(mine, block)) print }'
}

# Every IPv4 block of a network that is not this environment's, and its description.
networks() {
  docker network ls --quiet | xargs docker network inspect --format \
    '{{$n := .}}{{range .IPAM.Config}}{{.Subnet}} {{index $n.Labels "dockernet.project"}}/{{index $n.Labels "dockernet.stack"}} {{$n.Name}}{{"\n"}}{{end}}' |
    awk -v owner="$OWNER" '$1 ~ /^[0-9.]+\/[0-9]+$/ && $2 != owner {
      print $1, "the network " $3 " (" $1 ")" ($2 == "/" ? "" : " of environment " $2) }'
}

# Every route of the host but the default ones, those of the networks above and the owner's, and its description.
routes() {
  ip -4 route show |
    awk -v own=" ${INTERFACES-} " '
      $1 ~ /^[0-9]/ && $1 !~ /^(0\.0\.0\.0|128\.0\.0\.0)\/1$/ && !/ dev (docker|br-)/ {
        sub(/ +$/, ""); device = $0; sub(/.* dev /, "", device); sub(/ .*/, "", device)
        if (!index(own, " " device " ")) print $1, "a route of this host (" $0 ")" }'
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

local_engine() {
  case ${DOCKER_HOST:-unix:} in unix:*) command -v ip >/dev/null ;; *) false ;; esac
}

# What stands in the way of each subnet and port, a line each.
obstacles() {
  for subnet in ${SUBNETS-}; do
    {
      networks
      if local_engine; then routes; fi
    } | overlapping "$subnet" | sed -n "1s|^|$subnet overlaps |p"
  done
  local_engine || return 0
  for port in ${PORTS-}; do
    if listening "$port"; then
      held=$(holder "$port" | head -n 1)
      [ "$held" = own ] || echo "port $port is taken by $held"
    fi
  done
}

check() {
  found=$(obstacles | head -n 1)
  [ -z "$found" ] || refuse "$found"
}

up() { :; }
down() { :; }
