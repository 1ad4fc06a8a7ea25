import { initialCluster } from "../../components/lib/etcd.ts";
import { ownerOf } from "../../components/lib/identity.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import type { Config } from "../../stacks/config.ts";
import type { LabName } from "../../stacks/schema.ts";
import { enter } from "./access.ts";
import { judgeEngine } from "./engine.ts";
import { type Facts, type Part, readFacts, shellScript } from "./facts.ts";
import { type Finding, found, type Judgement } from "./finding.ts";
import { judgeFirewall, judgeSystem } from "./system.ts";

/** A machine that SSH reaches, and what an environment does on it. */
export interface Host {
  readonly name: string;
  /** The address at which the other machines reach it. */
  readonly address: string;
  readonly access: HostAccess;
  readonly labs: readonly LabName[];
}

/** A machine that was looked at; without facts nobody got in. */
export interface Looked {
  readonly host: Host;
  readonly facts?: Facts;
  /** When it was looked at, by the clock of this machine, in seconds since 1970. */
  readonly between: readonly [number, number];
  readonly findings: readonly Finding[];
}

const script = (path: string) => new URL(path, import.meta.url);
const REFUSALS = script("refusals.sh");
const now = () => Date.now() / 1_000;

/** Looks at a machine, in one connection. `up` is whether the last `pulumi up` left something on it. */
export async function lookAtHost(config: Config, host: Host, up: boolean): Promise<Looked> {
  const began = now();
  const entered = await enter(host.access, shellScript(partsOf(config, host, up)));
  const between = [began, now()] as const;
  if ("refused" in entered) return { host, between, findings: found(host.name, [entered.refused]) };
  const facts = readFacts(entered.printed);
  const judgements = [
    { id: "ssh", level: "ok", what: `${host.access.user}@${host.access.address} lets us in` } as const,
    ...judgeHost(facts, host.labs),
    ...judgeRefusals(facts),
    ...facts.all("obstacle").map(overlapping),
  ];
  return { host, facts, between, findings: found(host.name, judgements) };
}

/** What is sent to it: looks of the doctor's, and the checks that the lab's components make before they change it. */
function partsOf(config: Config, { name, address, labs }: Host, up: boolean): Part[] {
  const facts: Part = { script: script("facts.sh"), call: "facts" };
  if (!labs.includes("overlay")) return [facts];
  const { supervisor, archive, network } = config.overlay;
  const member: Part = {
    script: script("../../components/etcd-cluster/member.sh"),
    caller: REFUSALS,
    variables: {
      NAME: name,
      ADDRESS: address,
      CLIENT_PORT: "2379",
      PEER_PORT: "2380",
      MEMBERS: initialCluster([{ memberName: name, address }]),
      TOKEN: "of a cluster that is not made yet",
      FLAGS: "",
      SUPERVISOR: supervisor,
      SOURCE: archive ? "archive" : "package",
      VERSION: archive?.version ?? "",
      SHA256_AMD64: "given",
      SHA256_ARM64: "given",
    },
    call: `refusals programs supervisor address ports ${archive ? "archive" : "package"}${up ? "" : " data"}`,
  };
  const store: Part = {
    script: script("../../components/cluster-store-engine/engine.sh"),
    caller: REFUSALS,
    variables: { ENDPOINT: `http://${address}:2379` },
    call: "refusals engine",
  };
  const claim: Part = {
    script: script("../../components/address-claim/claim.sh"),
    caller: REFUSALS,
    variables: { OWNER: ownerOf(config.identity), SUBNETS: network, PORTS: "" },
    call: "obstacles | sed 's/^/obstacle /'",
  };
  return [facts, member, store, claim];
}

/** What a machine of the user's must have. */
export function judgeHost(facts: Facts, labs: readonly LabName[]): Judgement[] {
  const [uid, user] = facts.get("user")?.split(" ") ?? [];
  const root: Judgement =
    uid === "0"
      ? { id: "root", level: "ok", what: "scripts run as root" }
      : {
          id: "root",
          level: "problem",
          what: `scripts run as ${user}, and only root may do what they do`,
          mend: "set sudo: true, or user: root",
        };
  const unwritable = facts.all("unwritable").map(
    (folder): Judgement => ({
      id: "read-only",
      level: "problem",
      what:
        uid === "0" ? `${folder} is on a file system that is mounted read-only` : `${user} may not write to ${folder}`,
      why: "etcd, its data and the engine's settings are written there",
      mend: `mount -o remount,rw ${folder}; what made it so is in: dmesg`,
    }),
  );
  return [
    root,
    ...(uid === "0" ? unwritable : []),
    ...judgeEngine(facts, labs),
    ...judgeSystem(facts, labs),
    ...judgeFirewall(facts),
  ];
}

/** How to mend what a check of a component refuses, by the check's name. */
const MEND: Readonly<Record<string, string>> = {
  programs: "apt-get install iproute2 util-linux",
  supervisor: "set dockernet:overlay supervisor: nohup",
  address: "set its address to one that ip address shows there; behind NAT, sshConfig has the other one",
  ports: "stop what listens there; of Debian's own etcd: systemctl disable --now etcd",
  package: "use Debian 12, or set dockernet:overlay archive, for example version: 3.5.21",
  archive: "install what is missing, or leave out dockernet:overlay archive for the distribution's package",
  data: "pulumi destroy the environment that made it, or remove it",
  engine: "use an engine of 20.10 there, such as Debian 12's docker.io",
};

export const judgeRefusals = (facts: Facts): Judgement[] =>
  Object.entries(MEND).flatMap(([name, mend]): Judgement[] => {
    const id = `overlay-${name}`;
    const unseen = facts.get(`unseen.${name}`);
    if (unseen !== undefined) return [{ id, level: "skipped", what: unseen }];
    const said = facts.get(`check.${name}`);
    if (said === undefined) return [];
    if (said === "") return [{ id, level: "ok", what: `nothing is in the overlay's way: ${name}` }];
    return [{ id, level: "problem", what: said, mend }];
  });

const overlapping = (what: string): Judgement => ({
  id: "overlay-subnet",
  level: "problem",
  what,
  why: "containers of the overlay could not reach what is there, or it would not come up",
  mend: "set another block in dockernet:overlay network",
});
