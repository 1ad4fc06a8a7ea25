# shellcheck shell=sh
# The token that tells an etcd cluster from every other one. It is drawn once, on the host that runs Pulumi, and kept in the
# state, whatever happens to the members' hosts. Variables: PREFIX of the token; PULUMI_COMMAND_STDOUT, what up printed the
# last time, whose token is kept.

check() { :; }

up() {
  printf '%s\n' "${PULUMI_COMMAND_STDOUT:-}" | grep -Ex -m 1 "${PREFIX:?}-[0-9a-f]{12}" ||
    echo "$PREFIX-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"
}

down() { :; }
