# shellcheck shell=sh
# The current and former members of an etcd cluster, kept in the state: a new member asks all of them for the running
# cluster. Prints `exists yes` if the cluster may be alive, `exists no` if it is the first one or if all of its data is
# lost; `alone`, a member and the reason in one word, if so many hosts were replaced that only that member can continue,
# without the others; a line of name, client URL, peer URL, host and kind for each member in the settings and, after the
# word `former`, for each former one. Variables: MEMBERS, the lines of the settings, where the kind is `made` if Pulumi
# creates the host (a host with another id has another, empty disk) or `own`; TOKEN of the cluster;
# PULUMI_COMMAND_STDOUT, the previous output of up.

check() { :; }

# Maximum number of former members.
MOST_FORMER=20

# sides LAST: prints the members in the settings, each after the word `now`, then those of the previous output, after
# `old`.
sides() {
  printf '%s\n' "${MEMBERS:?}" | sed 's/^/now /'
  printf '%s\n' "$1" | sed -n 's/^member /old /p'
}

# Prints the former members: every line of the previous output whose client URL is not in the settings.
former() {
  {
    sides "$1"
    printf '%s\n' "$1" | sed -n 's/^former /old /p'
  } | awk '$1 == "now" { seen[$3] = 1; next } !seen[$3]++ { sub(/^old /, ""); print "former " $0 }' | head -n "$MOST_FORMER"
}

# Whether a member of the previous output may still have its data: its host is not created by Pulumi, or still exists.
# Members whose address and host are both gone are asked once nevertheless.
survives() {
  sides "$1" | awk '
    $1 == "now" { host[$3] = $5; there[$5] = 1; next }
    $6 == "own" || ($3 in host ? host[$3] == $5 : $5 in there) { kept = 1 }
    END { exit !kept }'
}

# Prints the first member that has its data, if too few have theirs for a quorum. The word names the lost hosts, so that
# it happens only once.
survivor() {
  sides "$1" | awk '
    $1 == "now" { host[$3] = $5; next }
    { all++ }
    $6 == "own" || !($3 in host) || host[$3] == $5 { kept++; if (!first && $3 in host) first = $2; next }
    { lost = lost "-" substr($5, 1, 12) }
    END { if (first && 2 * kept <= all) print "alone " first " lost" lost }'
}

up() {
  last=
  if printf '%s\n' "${PULUMI_COMMAND_STDOUT:-}" | grep -Fxq "token ${TOKEN:?}"; then last=$PULUMI_COMMAND_STDOUT; fi
  if survives "$last"; then
    echo "exists yes"
  else
    echo "exists no"
    [ -z "$last" ] || echo "etcd cluster: the hosts of all its members were replaced, and their data is lost: it starts empty" >&2
    last=
  fi
  echo "token $TOKEN"
  now=$(survivor "$last")
  [ -z "$now" ] || echo "etcd cluster: too many hosts were replaced for a quorum: the member $(echo "$now" | cut -d ' ' -f 2) goes on with its data, and the others join it" >&2
  printf '%s\n' "${now:-$(printf '%s\n' "$last" | grep '^alone ' || :)}" | grep . || :
  printf '%s\n' "$MEMBERS" | sed 's/^/member /'
  former "$last"
}

down() { :; }
