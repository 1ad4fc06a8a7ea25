# shellcheck shell=sh
# Verb: peers, which prints how a host reaches the others, a line `ADDRESS KEY VALUE` for each probe. Variables: PEERS, their
# addresses; PORTS, such as tcp/2379 and udp/4789; SIZE, the MTU of the host's own interface; SLOWNESS, the factor of time limits, by default 1.

# answer COMMAND RESULT: prints RESULT if the command succeeds, else `refused`, or `silent` as behind a firewall.
answer() {
  if said=$(timeout "$((2 * ${SLOWNESS:-1}))" bash -c "$1" 2>&1); then
    echo "$2"
  else
    case $said in *refused*) echo refused ;; *) echo silent ;; esac
  fi
}

tcp() { echo "$1 tcp/$2 $(answer "exec 3<>/dev/tcp/$1/$2" open)"; }

# A closed port answers a datagram by an ICMP message, which makes the second datagram fail.
udp() { echo "$1 udp/$2 $(answer "exec 3<>/dev/udp/$1/$2 && echo >&3 && sleep 0.5 && echo >&3" silent)"; }

# The size of the largest packet that arrives unfragmented, of some common sizes.
whole() {
  for size in "${SIZE:?}" 1500 1492 1480 1450 1400 1280; do
    [ "$size" -le "$SIZE" ] || continue
    if ping -n -q -c 1 -W "${SLOWNESS:-1}" -M "do" -s $((size - 28)) "$1" >/dev/null 2>&1; then
      echo "$1 whole $size"
      return
    fi
  done
  echo "$1 whole 0"
}

peers() {
  for peer in ${PEERS-}; do
    whole "$peer" &
    if command -v bash >/dev/null; then
      for port in ${PORTS-}; do "${port%/*}" "$peer" "${port#*/}" & done
    fi
  done
  wait
}
