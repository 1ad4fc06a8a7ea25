# shellcheck shell=sh
# Verb: firewall. Prints the rules of a host's firewall, a line `KEY VALUE` for each: the rules of both backends of
# iptables, and the nftables ruleset as JSON, which repeats the rules of iptables-nft. Only root can list them. Changes
# nothing. No variables.

# Listing a table of the legacy backend creates it, so only existing tables are listed.
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
    # An nft that is older than the rules may fail to list them.
    if rules=$(nft -j list ruleset 2>/dev/null); then
      echo "rules.nftables $(printf %s "$rules" | tr -d '\n')"
    else
      echo "nft.failed $?"
    fi
  fi
}
