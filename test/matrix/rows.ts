import type { EngineName } from "./engines.ts";

/** An engine and its daemon.json. */
export interface Row {
  readonly id: string;
  readonly engine: EngineName;
  readonly settings: Readonly<Record<string, unknown>>;
}

const IPV6 = { ipv6: true, "fixed-cidr-v6": "fd00:17::/64" };
const PLAIN_STORE = { features: { "containerd-snapshotter": false } };
const NFTABLES = { "firewall-backend": "nftables" };

/** Rows on which all labs pass. */
export const FIT: readonly Row[] = [
  { id: "20", engine: "own", settings: {} },
  { id: "20-ipv6", engine: "own", settings: { ...IPV6, "userland-proxy": false, "live-restore": true } },
  { id: "26", engine: "trixie", settings: {} },
  { id: "26-ipv6", engine: "trixie", settings: { ...IPV6, "userland-proxy": false, "live-restore": true } },
  { id: "28", engine: "forky", settings: {} },
  { id: "28-containerd", engine: "forky", settings: { features: { "containerd-snapshotter": true } } },
  { id: "28-ipv6", engine: "forky", settings: { ...IPV6, "userland-proxy": false, "live-restore": true } },
  { id: "29", engine: "built29", settings: {} },
  { id: "29-overlay2", engine: "built29", settings: PLAIN_STORE },
  { id: "29-nftables", engine: "built29", settings: NFTABLES },
  {
    id: "29-ipv6",
    engine: "built29",
    settings: { ...IPV6, ...NFTABLES, "userland-proxy": false, "live-restore": true },
  },
  { id: "29-api", engine: "built29", settings: { ...PLAIN_STORE, "min-api-version": "1.44" } },
];

/** Rows with settings that make some labs fail, which the doctor must report. */
export const UNFIT: readonly Row[] = [
  { id: "20-icc", engine: "own", settings: { icc: false } },
  { id: "20-bridge", engine: "own", settings: { bridge: "none" } },
  { id: "20-bip", engine: "own", settings: { bip: "198.51.100.1/24" } },
  { id: "20-iptables", engine: "own", settings: { iptables: false } },
  { id: "20-masq", engine: "own", settings: { "ip-masq": false } },
  { id: "20-userns", engine: "own", settings: { "userns-remap": "default" } },
  { id: "29-iptables", engine: "built29", settings: { iptables: false } },
];
