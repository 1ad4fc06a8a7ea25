# shellcheck shell=sh
# The token that distinguishes an etcd cluster from all others. It is generated once, on the host that runs Pulumi, and
# kept in the state, whatever happens to the members' hosts. Variables: PREFIX of the token; PULUMI_COMMAND_STDOUT, the
# previous output of up, whose token is kept.

check() { :; }

up() {
  printf '%s\n' "${PULUMI_COMMAND_STDOUT:-}" | grep -Ex -m 1 "${PREFIX:?}-[0-9a-f]{12}" ||
    echo "$PREFIX-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"
}

down() { :; }
