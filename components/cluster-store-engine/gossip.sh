# shellcheck shell=sh
# The other engines that this host's Docker engine has met. Engines with a cluster store tell each other by gossip (serf) on which
# host a container of an overlay network is. An engine joins one other engine when it starts, any of those in the store, and none
# later (nodeJoin in https://github.com/moby/libnetwork/blob/master/drivers/overlay/overlay.go). So engines that start together can
# form two groups, whose containers do not reach each other.

# met: prints the addresses of the engines that this one has met, its own included, a line each; nothing if its log does not
# reach back to its start. Those that stopped are left out.
met() {
  journalctl -o cat --no-pager "_SYSTEMD_INVOCATION_ID=$(systemctl show -p InvocationID --value docker.service)" 2>/dev/null |
    sed -n 's/.*serf: EventMember\(Join\|Leave\|Failed\|Reap\): [^ ]* \([0-9.]*\).*/\1 \2/p' |
    awk '{ if ($1 == "Join") met[$2] = 1; else delete met[$2] } END { for (each in met) print each }' | sort
}
