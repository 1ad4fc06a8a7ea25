import type { LabName } from "../../stacks/schema.ts";
import { engineInfo } from "./engine.ts";
import type { Facts } from "./facts.ts";
import type { Judgement } from "./finding.ts";
import { modulesOf, NEEDS } from "./needs.ts";

const KIB_PER_MIB = 1024;
/** Room on the engine's disk that images and containers of the labs need, and memory that they do. */
const LEAST_DISK_MIB = 1024;
const LEAST_MEMORY_MIB = 512;

/** What the labs need of a machine beside its engine: kernel, rights, disk, memory. */
export const judgeSystem = (facts: Facts, labs: readonly LabName[]): Judgement[] => [
  ...modulesOf(labs).map((name) => judgeModule(name, facts.get(`module.${name}`))),
  ...(labs.some((lab) => NEEDS[lab].engine) ? [judgeForwarding(facts)] : []),
  ...judgeRoom(facts),
];

function judgeModule(name: string, state: string | undefined): Judgement {
  const id = "kernel-module";
  if (state === "there") return { id, level: "ok", what: `the kernel has ${name}` };
  if (state !== "missing") return { id, level: "skipped", what: `whether the kernel has ${name} cannot be told` };
  // Without it packets between containers of one bridge pass no rules; the labs work all the same.
  const level = name === "br_netfilter" ? "warning" : "problem";
  const what = `the kernel has no module ${name}`;
  return {
    id,
    level,
    what,
    mend: `install the kernel's full package (Debian: linux-image-amd64), then: modprobe ${name}`,
  };
}

/** Whether the labs whose scripts need root have it. */
export function judgeRoot(facts: Facts, labs: readonly LabName[]): Judgement[] {
  const [uid, name] = facts.get("user")?.split(" ") ?? [];
  return labs.flatMap((lab): Judgement[] => {
    const { root } = NEEDS[lab];
    if (root === undefined) return [];
    if (uid === "0") return [{ id: "root", level: "ok", what: `the lab ${lab} has root ${root}` }];
    const what = `user ${name} is not root, which the lab ${lab} needs ${root}`;
    return [{ id: "root", level: "problem", what, mend: `run this as root, or take ${lab} out of dockernet:labs` }];
  });
}

function judgeForwarding(facts: Facts): Judgement {
  const id = "ip-forward";
  if (facts.get("forward") === "1") return { id, level: "ok", what: "IPv4 packets are passed on" };
  const what = "IPv4 packets are not passed on (net.ipv4.ip_forward is 0)";
  const why = "no container reaches anything outside of its host, and no published port leads to one from elsewhere";
  return { id, level: "problem", what, why, mend: "sysctl -w net.ipv4.ip_forward=1, and start the engine again" };
}

function judgeRoom(facts: Facts): Judgement[] {
  const [free, folder] = facts.get("disk")?.split(" ") ?? [];
  const disk = Math.floor(Number(free) / KIB_PER_MIB);
  const memory = Math.floor(Number(facts.get("memory")) / KIB_PER_MIB);
  const room = (id: string, what: string, least: number, have: number, mend: string): Judgement[] =>
    Number.isNaN(have)
      ? []
      : [
          have < least
            ? {
                id,
                level: id === "disk" ? "problem" : "warning",
                what: `${what}: ${have} MiB, less than ${least}`,
                mend,
              }
            : { id, level: "ok", what: `${what}: ${have} MiB` },
        ];
  return [
    ...room("disk", `free on the disk of ${folder}`, LEAST_DISK_MIB, disk, "docker system df shows what takes it"),
    ...room("memory", "free memory", LEAST_MEMORY_MIB, memory, "stop something, or give the machine more"),
  ];
}

/** Whether a firewall lets the engine's packets pass. Only root can list its rules. */
export function judgeFirewall(facts: Facts): Judgement[] {
  const id = "firewall";
  const command = facts.get("iptables");
  if (command === undefined)
    return [{ id, level: "skipped", what: "the firewall was not looked at: only root can list its rules" }];
  const backends = (["nft", "legacy"] as const).map((name) => ({ name, rules: facts.all(`filter.${name}`) }));
  const docker = backends.find(({ rules }) => rules.some((rule) => rule.startsWith(":DOCKER ")));
  const info = engineInfo(facts);
  if (!docker) return info && info.FirewallBackend?.Driver !== "nftables" ? [noRules] : [];
  const dropping = backends.find(
    ({ name, rules }) => name !== docker.name && rules.some((rule) => /^:FORWARD DROP/.test(rule)),
  );
  const used = command.includes("nf_tables") ? "nft" : "legacy";
  const refused = docker.rules.filter((rule) => /^-A DOCKER-USER .*-j (DROP|REJECT)/.test(rule));
  const judgements: Judgement[] = [];
  if (dropping) {
    const what = `iptables-${dropping.name} drops what is passed on, and the engine's rules are in iptables-${docker.name}`;
    const why = "a packet has to pass both, so that containers reach nothing outside of their bridge";
    judgements.push({ id, level: "problem", what, why, mend: `iptables-${dropping.name} -P FORWARD ACCEPT` });
  }
  if (used !== docker.name) {
    const what = `the command iptables is ${used}, and the engine's rules are in iptables-${docker.name}`;
    const why = "lab explain and rules of yours look in the wrong place";
    judgements.push({
      id,
      level: "warning",
      what,
      why,
      mend: `update-alternatives --set iptables /usr/sbin/iptables-${docker.name}`,
    });
  }
  for (const rule of refused) {
    const what = `a rule for all containers refuses packets: ${rule}`;
    const why = "the engine asks this chain before its own rules, so that a lab's packets may be among those";
    judgements.push({ id, level: "warning", what, why, mend: `iptables-${docker.name} ${rule.replace(/^-A/, "-D")}` });
  }
  return judgements.length > 0 ? judgements : [{ id, level: "ok", what: "no firewall rule is in the containers' way" }];
}

const noRules: Judgement = {
  id: "firewall",
  level: "warning",
  what: "the engine has made no iptables rules",
  why: "without them published ports and addresses that are translated (NAT) do not work",
  mend: 'take "iptables": false out of /etc/docker/daemon.json, or start the engine again after the firewall was reloaded',
};
