import { sourceVariables } from "../../../components/lib/etcd.ts";
import { ownerOf } from "../../../components/lib/identity.ts";
import type { HostAccess } from "../../../stacks/checks.ts";
import type { Config } from "../../../stacks/config.ts";
import type { LabName } from "../../../stacks/labs/index.ts";
import { RENEW } from "../../faults/host.ts";
import { SETTINGS_FACTS } from "../../host/engineSettings.ts";
import { CERTIFICATE_FACTS, certificatesOf, judgeCertificates } from "../../host/etcd/certificates.ts";
import { type FactScript, type Facts, HOST_FACTS, readFacts, shellScript } from "../../host/facts.ts";
import { FIREWALL_FACTS } from "../../host/firewall/read.ts";
import { enter } from "./access.ts";
import { LOOK_SEC, reservationFacts } from "./addresses.ts";
import { judgeEngine } from "./engine.ts";
import { judgeSettings } from "./engineSettings.ts";
import { type Finding, found, type Judgement } from "./finding.ts";
import { judgeFirewall } from "./firewall.ts";
import { judgeProxies, judgeSystem } from "./system.ts";

/** A host that SSH reaches, and what an environment does on it. */
export interface Host {
  readonly name: string;
  /** The address at which the other hosts reach it. */
  readonly address: string;
  readonly access: HostAccess;
  readonly labs: readonly LabName[];
}

/** A host that was inspected; without facts the SSH login failed. */
export interface Looked {
  readonly host: Host;
  readonly facts?: Facts;
  /** When it was looked at, by the clock of this host, in seconds since 1970. */
  readonly between: readonly [number, number];
  readonly findings: readonly Finding[];
}

const component = (path: string) => new URL(`../../../components/${path}`, import.meta.url);
const now = () => Date.now() / 1_000;

/** Looks at a host, in one connection. `up` is whether the last `pulumi up` left something on it. */
export async function lookAtHost(config: Config, host: Host, up: boolean): Promise<Looked> {
  const began = now();
  const entered = await enter(host.access, shellScript(scriptsOf(config, host, up), host.access.slowness));
  const between = [began, now()] as const;
  if ("refused" in entered) return { host, between, findings: found(host.name, [entered.refused]) };
  const facts = readFacts(entered.printed);
  const judgements = [
    { id: "ssh", level: "ok", what: letsIn(host.access) } as const,
    ...judgeHost(facts, host.labs),
    ...overlaysOf(host.labs).flatMap((lab) => [
      ...judgeChecks(facts, lab),
      ...facts.all("obstacle").map((what) => overlapping(what, lab)),
      ...judgeNoise(host.access, entered.noise),
    ]),
    ...judgeHostCertificates(facts, host.address),
  ];
  return { host, facts, between, findings: found(host.name, judgements) };
}

/** The certificates of etcd and the engine, if there are any. */
export function judgeHostCertificates(facts: Facts, address: string, now = new Date()): Judgement[] {
  const verdict = judgeCertificates(certificatesOf(facts), address, now);
  if (!verdict) return [];
  const { problems, days, until, soon } = verdict;
  const [id, fix] = ["certificates", RENEW];
  if (problems.length > 0) return problems.map((what) => ({ id, level: "problem", what, fix }));
  const what = `its certificates for etcd are valid until ${until}, ${days} days`;
  const why = "etcd and the engines refuse each other afterwards";
  return [soon ? { id, level: "warning", what, why, fix } : { id, level: "ok", what }];
}

const letsIn = ({ user, address, jump }: HostAccess): string =>
  `${user}@${address} accepts the SSH login${jump ? `, through jump host ${jump.address}` : ""}`;

/** What is sent to it: the doctor's own scripts, and the checks that components make before a change (look.sh). */
function scriptsOf(config: Config, { name, address, labs, access }: Host, up: boolean): FactScript[] {
  const limit = { LOOK_SEC: String(Number(LOOK_SEC) * Math.ceil(access.slowness ?? 1)) };
  const looks: FactScript[] = [HOST_FACTS, FIREWALL_FACTS, SETTINGS_FACTS];
  const reservation = (network: string) =>
    reservationFacts({ OWNER: ownerOf(config.identity), INTERFACES: "", SUBNETS: network, PORTS: "" });
  if (labs.includes("swarm")) {
    const node: FactScript = {
      script: component("swarm-cluster/node.sh"),
      variables: { ADDRESS: address, DATA_ADDRESS: address, ...limit },
      call: "look engine address",
    };
    return [...looks, node, reservation(config.settings.swarm.network)];
  }
  if (!labs.includes("overlay")) return looks;
  const { supervisor, archive, network } = config.settings.overlay;
  const source = archive ? ({ kind: "archive", ...archive } as const) : ({ kind: "package" } as const);
  const member: FactScript = {
    script: component("etcd-cluster/member.sh"),
    variables: {
      NAME: name,
      ADDRESS: address,
      CLIENT_PORT: "2379",
      PEER_PORT: "2380",
      TOKEN: "",
      SUPERVISOR: supervisor,
      ...sourceVariables(source),
      ...limit,
    },
    call: `look programs supervisor address ports ${source.kind}${up ? "" : " data"}`,
  };
  const store: FactScript = {
    script: component("cluster-store-engine/engine.sh"),
    variables: limit,
    call: "look engine settings",
  };
  return [...looks, member, store, reservation(network), CERTIFICATE_FACTS];
}

/** What a host of the user's must have. */
export function judgeHost(facts: Facts, labs: readonly LabName[]): Judgement[] {
  const [uid, user] = facts.get("user")?.split(" ") ?? [];
  const root: Judgement =
    uid === "0"
      ? { id: "root", level: "ok", what: "scripts run as root" }
      : {
          id: "root",
          level: "problem",
          what: `scripts run as ${user}, and only root may do what they do`,
          fix: "set sudo: true, or user: root",
        };
  const unwritable = facts.all("unwritable").map(
    (folder): Judgement => ({
      id: "read-only",
      level: "problem",
      what:
        uid === "0" ? `${folder} is on a file system that is mounted read-only` : `${user} may not write to ${folder}`,
      why: "etcd, its data and the engine's settings are written there",
      fix: `mount -o remount,rw ${folder}; what made it so is in: dmesg`,
    }),
  );
  return [
    root,
    ...(uid === "0" ? unwritable : []),
    ...judgeEngine(facts, labs),
    ...judgeSettings(facts, labs.length > 0 ? ["overlay"] : []),
    ...judgeSystem(facts, labs),
    ...judgeFirewall(facts),
    ...judgeProxies(facts),
  ];
}

/** A lab whose network several hosts share, and whose components check each host before a change. */
type OverlayLab = "overlay" | "swarm";
export const overlaysOf = (labs: readonly LabName[]): OverlayLab[] =>
  (["overlay", "swarm"] as const).filter((lab) => labs.includes(lab));

const ADDRESS_FIX = "set its address to one that ip address shows there; behind NAT, sshConfig has the other one";
/** How to fix what a check of a component refuses, by the check's name. */
const FIXES: Readonly<Record<OverlayLab, Readonly<Record<string, string>>>> = {
  overlay: {
    programs: "apt-get install iproute2 util-linux",
    supervisor: "set dockernet:overlay supervisor: nohup",
    address: ADDRESS_FIX,
    ports: "stop what listens there; of Debian's own etcd: systemctl disable --now etcd",
    package: "use Debian 12, or set dockernet:overlay archive, for example version: 3.5.21",
    archive: "install what is missing, or leave out dockernet:overlay archive for the distribution's package",
    data: "pulumi destroy the environment that made it, or remove it",
    engine: "use an engine of 20.10 there, such as Debian 12's docker.io",
    settings: "apt-get install python3; or correct /etc/docker/daemon.json, then systemctl restart docker",
  },
  swarm: { engine: "do that on the host, then again", address: ADDRESS_FIX },
};

export const judgeChecks = (facts: Facts, lab: OverlayLab): Judgement[] =>
  Object.entries(FIXES[lab]).flatMap(([name, fix]): Judgement[] => {
    const id = `${lab}-${name}`;
    const unseen = facts.get(`unseen.${name}`);
    if (unseen !== undefined) return [{ id, level: "skipped", what: unseen }];
    const said = facts.get(`check.${name}`);
    if (said === undefined) return [];
    if (said === "") return [{ id, level: "ok", what: `lab ${lab}, check ${name}: passed` }];
    return [{ id, level: "problem", what: said, fix }];
  });

/** What a login shell prints before the command that it is given. */
const judgeNoise = ({ user, address }: HostAccess, noise: string): Judgement[] =>
  noise === ""
    ? []
    : [
        {
          id: "login-shell",
          level: "problem",
          what: `the login shell of ${user}@${address} prints ${JSON.stringify(noise.slice(0, 60))} before the output of a command`,
          why: "Docker reaches the engine there by a command over SSH, and takes that for the engine's answer",
          fix: "let it print for interactive shells only: in ~/.bashrc, before it, case $- in *i*) ;; *) return ;; esac",
        },
      ];

const overlapping = (what: string, lab: OverlayLab): Judgement => ({
  id: `${lab}-subnet`,
  level: "problem",
  what,
  why: "containers of the overlay could not reach what is there, or it would not come up",
  fix: `set another block in dockernet:${lab} network`,
});
