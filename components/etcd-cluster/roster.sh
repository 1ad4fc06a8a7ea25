# shellcheck shell=sh
# The members that an etcd cluster has and had, kept in the state: a new member asks all of them for the living cluster.
# Prints `exists yes` if the cluster may be alive, `exists no` if it is the first one or if all of its data is lost; then a
# line of name, client URL, peer URL, host and kind for each member of the settings and, after the word `former`, for each
# earlier one. Variables: MEMBERS, the lines of the settings, where the kind is `made` if Pulumi makes the host (a host
# with another id has another, empty disk) or `own`; TOKEN of the cluster; PULUMI_COMMAND_STDOUT, what up printed the last time.

check() { :; }

# Earlier members that are remembered.
MOST_FORMER=20

# The former members: every line of the last output that is not among those of the settings, by client URL.
former() {
  {
    printf '%s\n' "${MEMBERS:?}" | sed 's/^/now /'
    printf '%s\n' "$1" | sed -n 's/^member /old /p; s/^former /old /p'
  } | awk '$1 == "now" { seen[$3] = 1; next } !seen[$3]++ { sub(/^old /, ""); print "former " $0 }' | head -n "$MOST_FORMER"
}

# Whether a member of the last output may still have its data: its host is not one of Pulumi's, or it has not been replaced.
survives() {
  {
    printf '%s\n' "$MEMBERS" | sed 's/^/now /'
    printf '%s\n' "$1" | sed -n 's/^member /old /p'
  } | awk '$1 == "now" { host[$3] = $5; next } $6 == "own" || !($3 in host) || host[$3] == $5 { kept = 1 } END { exit !kept }'
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
  printf '%s\n' "$MEMBERS" | sed 's/^/member /'
  former "$last"
}

down() { :; }
