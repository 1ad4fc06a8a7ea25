import type { LabName } from "../../../stacks/labs/index.ts";
import type { Facts } from "../../host/facts.ts";
import type { Judgement } from "./finding.ts";
import { modulesOf, needEngine, needsOf } from "./needs.ts";

const KIB_PER_MIB = 1024;
/** Room on the engine's disk that images and containers of the labs need, and memory that they do. */
const LEAST_DISK_MIB = 1024;
const LEAST_MEMORY_MIB = 512;

/** What the labs need of a host beside its engine: kernel, rights, disk, memory. */
export const judgeSystem = (facts: Facts, labs: readonly LabName[]): Judgement[] => [
  ...modulesOf(labs).map((name) => judgeModule(name, facts.get(`module.${name}`))),
  ...labs.flatMap((lab) => judgeOptional(facts, lab)),
  ...(needEngine(labs) ? [judgeForwarding(facts), ...judgeAppArmor(facts.get("apparmor"))] : []),
  ...judgeRoom(facts),
];

function judgeModule(name: string, state: string | undefined): Judgement {
  const id = "kernel-module";
  if (state === "there") return { id, level: "ok", what: `the kernel has ${name}` };
  if (state !== "missing") return { id, level: "skipped", what: `kernel module ${name} not checked` };
  // Without it packets between containers of one bridge pass no rules; the labs work all the same.
  const level = name === "br_netfilter" ? "warning" : "problem";
  const what = `the kernel has no module ${name}`;
  return {
    id,
    level,
    what,
    fix: `install the kernel's full package (Debian: linux-image-amd64), then: modprobe ${name}`,
  };
}

/** What a lab does without modules that it has a use for. */
const judgeOptional = (facts: Facts, lab: LabName): Judgement[] =>
  Object.entries(needsOf(lab).without ?? {}).flatMap(([name, consequence]): Judgement[] => {
    const state = facts.get(`module.${name}`);
    const id = "kernel-feature";
    if (state === "there") return [{ id, level: "ok", what: `the kernel has ${name}` }];
    if (state !== "missing") return [{ id, level: "skipped", what: `kernel module ${name} not checked` }];
    return [{ id, level: "ok", what: `lab ${lab}: the kernel has no ${name}: ${consequence}` }];
  });

/** Whether the labs whose scripts need root have it. */
export function judgeRoot(facts: Facts, labs: readonly LabName[]): Judgement[] {
  const [uid, name] = facts.get("user")?.split(" ") ?? [];
  return labs.flatMap((lab): Judgement[] => {
    const { root } = needsOf(lab);
    if (root === undefined) return [];
    if (uid === "0") return [{ id: "root", level: "ok", what: `the lab ${lab} has root ${root}` }];
    const what = `user ${name} is not root, which the lab ${lab} needs ${root}`;
    return [{ id: "root", level: "problem", what, fix: `run this as root, or take ${lab} out of dockernet:labs` }];
  });
}

function judgeForwarding(facts: Facts): Judgement {
  const id = "ip-forward";
  if (facts.get("forward") === "1") return { id, level: "ok", what: "IPv4 forwarding is on" };
  const what = "IPv4 forwarding is off (net.ipv4.ip_forward is 0)";
  const why = "no container reaches anything outside of its host, and no published port leads to one from elsewhere";
  return { id, level: "problem", what, why, fix: "sysctl -w net.ipv4.ip_forward=1, then restart the engine" };
}

/** Debian's engine only recommends the package, so that a host may lack it; a kernel without AppArmor needs none. */
function judgeAppArmor(state: string | undefined): Judgement[] {
  const id = "apparmor";
  if (state === "there") return [{ id, level: "ok", what: "the engine can load AppArmor profiles" }];
  if (state !== "missing") return [];
  const what = "the kernel has AppArmor, and the program apparmor_parser is missing";
  const why = "the engine loads the profile of its containers with it, and starts none without";
  return [{ id, level: "problem", what, why, fix: "apt-get install apparmor, then systemctl restart docker" }];
}

function judgeRoom(facts: Facts): Judgement[] {
  const [free, folder] = facts.get("disk")?.split(" ") ?? [];
  const disk = Math.floor(Number(free) / KIB_PER_MIB);
  const memory = Math.floor(Number(facts.get("memory")) / KIB_PER_MIB);
  const room = (id: string, what: string, least: number, have: number, fix: string): Judgement[] =>
    Number.isNaN(have)
      ? []
      : [
          have < least
            ? {
                id,
                level: id === "disk" ? "problem" : "warning",
                what: `${what}: ${have} MiB, less than ${least}`,
                fix,
              }
            : { id, level: "ok", what: `${what}: ${have} MiB` },
        ];
  return [
    ...room("disk", `free on the disk of ${folder}`, LEAST_DISK_MIB, disk, "docker system df shows what takes it"),
    ...room("memory", "free memory", LEAST_MEMORY_MIB, memory, "stop something, or give the host more"),
  ];
}

/** The proxies of a host's programs and of its engine, which downloads go through. */
export const judgeProxies = (facts: Facts): Judgement[] =>
  facts.all("proxy").map((line): Judgement => {
    const [whose, name, url, state] = line.split(" ");
    const proxy = `${whose === "engine" ? "the engine's " : ""}${name} is the proxy ${url}`;
    const id = "proxy";
    if (state === "open") return { id, level: "ok", what: `${proxy}, for downloads; requests to the labs go past it` };
    if (state !== "shut") return { id, level: "skipped", what: `${proxy}; whether it answers cannot be told` };
    const what = `${proxy}, which takes no connection`;
    const why = "packages and images are downloaded through it, and that fails";
    const where =
      whose === "engine" ? "systemctl cat docker shows where it is set" : "often /etc/environment or a profile";
    return { id, level: "warning", what, why, fix: `correct it or take it out: ${where}` };
  });
