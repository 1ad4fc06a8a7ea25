# shellcheck shell=sh
# Prints the rules of a host's firewall, a line `KEY VALUE` for each: those that either backend of iptables has, and
# all of nftables as JSON, which has those of iptables-nft once more. Only root can list them. It only looks.

# The programs of the legacy backend make a table by listing it, so it is listed only where it is there.
firewall() {
  [ "$(id -u)" -eq 0 ] || return 0
  echo "iptables $(iptables --version 2>/dev/null || echo none)"
  if command -v iptables-nft-save >/dev/null; then
    iptables-nft-save 2>/dev/null | sed -n 's/^[*:-]/rules.nft &/p'
  fi
  if command -v iptables-legacy-save >/dev/null && [ -s /proc/net/ip_tables_names ]; then
    iptables-legacy-save 2>/dev/null | sed -n 's/^[*:-]/rules.legacy &/p'
  fi
  if command -v nft >/dev/null; then
    # One that is older than the rules may fail of them.
    if rules=$(nft -j list ruleset 2>/dev/null); then
      echo "rules.nftables $(printf %s "$rules" | tr -d '\n')"
    else
      echo "nft.failed $?"
    fi
  fi
}
