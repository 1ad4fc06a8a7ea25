import { evenSizeWarning } from "../../../components/lib/etcd.ts";
import type { PracticeNodes } from "../../../stacks/config.ts";
import { engineInfo } from "../../host/engineInfo.ts";
import { type Facts, readFacts, shellScript } from "../../host/facts.ts";
import { enter } from "./access.ts";
import { type Finding, found, type Judgement } from "./finding.ts";
import type { Looked } from "./host.ts";

type OverlayLab = PracticeNodes["lab"];

/** A host whose SSH login succeeded. */
type Known = Looked & { readonly facts: Facts };

/** What VXLAN puts before a packet, in bytes (RFC 7348), and the largest packet that the overlay sends. */
const VXLAN_BYTES = 50;
const OVERLAY_MTU = 1450;
const WHOLE = OVERLAY_MTU + VXLAN_BYTES;
/** Clocks that differ by more make logs that cannot be compared, and etcd complain. */
const CLOCK_SEC = 5;
const PEERS = new URL("peers.sh", import.meta.url);

/** What hosts of one overlay are to each other, beside what each of them is. */
export async function lookBetween(looked: readonly Looked[], lab: OverlayLab = "overlay"): Promise<Finding[]> {
  const known = looked.filter((each): each is Known => each.facts !== undefined);
  const reached = await Promise.all(known.map((each) => lookAtPeers(each, known, lab)));
  return [...alike(known), ...clocks(known), ...reached.flat()];
}

/** An etcd cluster of an even size; `on` is whose it is. */
export function judgeSize(size: number): Judgement {
  const what = evenSizeWarning(size);
  return what === undefined
    ? { id: "cluster-size", level: "ok", what: `${size} members of etcd, an odd number` }
    : { id: "cluster-size", level: "warning", what, why: "etcd stands still without a majority" };
}

/** Names that engines and etcd tell hosts apart by. */
export function alike(known: readonly Known[]): Finding[] {
  const kinds = [
    ["hostname", "problem", "engines tell each other apart by it", "hostnamectl set-hostname NAME"],
    [
      "machine-id",
      "warning",
      "DHCP servers and systemd take them for one",
      "rm /etc/machine-id && systemd-machine-id-setup, then reboot",
    ],
  ] as const;
  return kinds.flatMap(([id, level, why, fix]) =>
    known.flatMap(({ host, facts }, index): Finding[] => {
      const value = facts.get(id);
      const before = known.slice(0, index).find((each) => each.facts.get(id) === value);
      if (!before || !value) return [];
      return [{ on: host.name, id, level, what: `its ${id} is ${value}, as that of ${before.host.name}`, why, fix }];
    }),
  );
}

/** Hosts whose clock cannot agree with this one's, however long the question and the answer were on their way. */
export function clocks(known: readonly Known[]): Finding[] {
  return known.map(({ host, facts, between: [asked, answered] }): Finding => {
    const time = Number(facts.get("time"));
    const [behind, ahead] = [asked - time, time - answered];
    const id = "clock";
    const off = Math.floor(Math.max(behind, ahead));
    if (off <= CLOCK_SEC) return { on: host.name, id, level: "ok", what: "its clock agrees with this host's" };
    const what = `its clock is ${off} s ${behind > ahead ? "behind" : "ahead of"} this host's`;
    const why = "etcd complains of such members, and their logs cannot be compared";
    return { on: host.name, id, level: "warning", what, why, fix: "timedatectl set-ntp true, on both" };
  });
}

async function lookAtPeers({ host, facts }: Known, all: readonly Known[], lab: OverlayLab): Promise<Finding[]> {
  const others = all.filter((each) => each.host !== host);
  if (others.length === 0) return [];
  const variables = {
    PEERS: others.map((each) => each.host.address).join(" "),
    SIZE: String(ownMtu(facts, host.address)),
    PORTS: Object.keys(PORTS[lab]).join(" "),
  };
  const entered = await enter(
    host.access,
    shellScript([{ script: PEERS, variables, call: "peers" }], host.access.slowness),
  );
  if ("refused" in entered) return found(host.name, [entered.refused]);
  const answers = readFacts(entered.printed);
  return found(
    host.name,
    others.flatMap((other) => judgePeer(answers, ownMtu(facts, host.address), other, lab)),
  );
}

/** The MTU of the interface with an address; Ethernet's where that is not known. */
const ownMtu = (facts: Facts, address: string): number =>
  Number(
    facts
      .all("address")
      .find((line) => line.startsWith(`${address} `))
      ?.split(" ")[1] ?? WHOLE,
  );

/** How a host reaches another one. */
export function judgePeer(
  answers: Facts,
  mtu: number,
  { host, facts }: Known,
  lab: OverlayLab = "overlay",
): Judgement[] {
  const said = new Map(answers.all(host.address).map((line) => line.split(" ") as [string, string]));
  return [
    ...judgeWhole(host.name, mtu, Number(said.get("whole") ?? 0)),
    ...judgePorts(host.name, said, facts, PORTS[lab]),
  ];
}

function judgeWhole(name: string, mtu: number, whole: number): Judgement[] {
  const id = "mtu";
  if (whole === 0) {
    const what = `${name} does not answer ping, so that the size of packets between them cannot be told`;
    return [{ id, level: "skipped", what }];
  }
  if (whole < WHOLE) {
    const what = `packets of more than ${whole} bytes do not get to ${name} whole`;
    const why = `the overlay's packets have ${OVERLAY_MTU} bytes, and ${VXLAN_BYTES} of VXLAN before them: the large ones are lost`;
    return [
      {
        id,
        level: "warning",
        what,
        why,
        fix: `ip link set dev INTERFACE mtu ${WHOLE}, on both, and on what is between`,
      },
    ];
  }
  if (whole < mtu) {
    const what = `this side's MTU is ${mtu}, but packets of more than ${whole} bytes do not get to ${name} whole`;
    const why = `the overlay's MTU is ${OVERLAY_MTU} and fits; etcd's own packets may be lost`;
    return [
      { id, level: "warning", what, why, fix: `ip link set dev INTERFACE mtu ${whole}, or raise what is between` },
    ];
  }
  const note = whole > WHOLE ? `; the overlay's MTU is ${OVERLAY_MTU} all the same` : "";
  return [{ id, level: "ok", what: `packets of ${whole} bytes get to ${name} whole${note}` }];
}

const SHARED_PORTS = {
  "tcp/7946": "the engines' gossip",
  "udp/7946": "the engines' gossip",
  "udp/4789": "VXLAN",
};
const PORTS: Readonly<Record<OverlayLab, Readonly<Record<string, string>>>> = {
  overlay: { "tcp/2379": "etcd's clients", "tcp/2380": "etcd's members", ...SHARED_PORTS },
  swarm: { "tcp/2377": "the swarm's managers", ...SHARED_PORTS },
};

function judgePorts(
  name: string,
  said: ReadonlyMap<string, string>,
  facts: Facts,
  ports: Readonly<Record<string, string>>,
): Judgement[] {
  const id = "peer-port";
  // Who listens for datagrams does not answer, either.
  const { ClusterStore = "?", Swarm } = engineInfo(facts) ?? {};
  const inUse = ClusterStore !== "" || Swarm?.LocalNodeState === "active";
  return Object.entries(ports).map(([port, use]): Judgement => {
    const answer = said.get(port);
    const is = `${port} of ${name}, for ${use},`;
    if (answer === undefined) return { id, level: "skipped", what: `whether ${is} is let through cannot be told` };
    if (port.startsWith("udp") && answer === "silent" && inUse) {
      return { id, level: "ok", what: `${is} is in use; lab verify proves that packets get there` };
    }
    if (answer !== "silent") return { id, level: "ok", what: `${is} is let through` };
    const level = port.startsWith("tcp") ? "problem" : "warning";
    const what = `${is} is silent: a firewall drops or rejects what comes for it`;
    const fix = `let it through on ${name}: iptables -I INPUT -p ${port.slice(0, 3)} --dport ${port.slice(4)} -j ACCEPT`;
    return { id, level, what, why: "the overlay's hosts have to reach each other there", fix };
  });
}
