import * as z from "zod";
import type { LabName } from "../../stacks/schema.ts";
import type { Facts } from "./facts.ts";
import type { Judgement } from "./finding.ts";
import { NEEDS } from "./needs.ts";

const Info = z.object({
  ServerVersion: z.string().default(""),
  ServerErrors: z.array(z.string()).default([]),
  OSType: z.string().default(""),
  OperatingSystem: z.string().default(""),
  Driver: z.string().default(""),
  /** Empty also where the docker command is too new to know of it. */
  ClusterStore: z.string().default(""),
  SecurityOptions: z.array(z.string()).nullish(),
  FirewallBackend: z.object({ Driver: z.string() }).nullish(),
});
/** What `docker info` tells of an engine. */
export type EngineInfo = z.infer<typeof Info>;

/** It; undefined where no engine answers. */
export function engineInfo(facts: Facts): EngineInfo | undefined {
  const printed = facts.get("engine");
  const info = printed === undefined ? undefined : Info.parse(JSON.parse(printed));
  return info && info.ServerVersion !== "" && info.ServerErrors.length === 0 ? info : undefined;
}

/** Whether an engine answers, and is one that the labs work with. */
export function judgeEngine(facts: Facts, labs: readonly LabName[]): Judgement[] {
  if (!labs.some((lab) => NEEDS[lab].engine)) return [];
  if (facts.get("engine.missing") !== undefined) {
    const [what, mend] = ["the command docker is missing", "apt-get install docker.io, or the package docker-ce-cli"];
    return [{ id: "engine", level: "problem", what, why: "it is how the labs look at the engine", mend }];
  }
  const info = engineInfo(facts);
  if (!info) return [noAnswer(facts)];
  const version = info.ServerVersion;
  return [
    { id: "engine", level: "ok", what: `the engine answers, version ${version}` },
    ...versions(version, labs),
    ...limits(info),
  ];
}

/** Why an engine does not answer, as far as `docker info` says it. */
function noAnswer(facts: Facts): Judgement {
  const printed = facts.get("engine");
  const errors = printed === undefined ? [] : Info.parse(JSON.parse(printed)).ServerErrors;
  const said = [...errors, ...facts.all("engine.said")].find((line) => /denied|connect|daemon/i.test(line));
  const id = "engine";
  if (/permission denied/i.test(said ?? "")) {
    const what = `user ${facts.get("user")?.split(" ")[1]} may not talk to the engine: permission denied at its socket`;
    return {
      id,
      level: "problem",
      what,
      mend: "sudo usermod -aG docker $USER, then log in again; or run this as root",
    };
  }
  const what = `no engine answers: ${said ?? "it is silent"}`;
  return {
    id,
    level: "problem",
    what,
    mend: "systemctl start docker; on this machine npm run setup installs and starts one",
  };
}

function versions(version: string, labs: readonly LabName[]): Judgement[] {
  const major = Number.parseInt(version, 10);
  return labs.flatMap((lab): Judgement[] => {
    const { before } = NEEDS[lab];
    if (!before) return [];
    if (major < before.major)
      return [{ id: "engine-version", level: "ok", what: `engine ${version} has what ${lab} needs` }];
    const what = `engine ${version} does not do for the lab ${lab}: ${before.because}`;
    const mend = `take ${lab} out of dockernet:labs, or use an engine before ${before.major}`;
    return [{ id: "engine-version", level: "problem", what, mend }];
  });
}

/** Engines whose containers are not on the machine's own network. */
function limits({ OSType, OperatingSystem, SecurityOptions, Driver }: EngineInfo): Judgement[] {
  const id = "engine-kind";
  if (OSType === "windows") {
    const what = "the engine runs Windows containers";
    return [
      { id, level: "problem", what, why: "the labs are of Linux networking", mend: "switch to Linux containers" },
    ];
  }
  const rootless = (SecurityOptions ?? []).some((option) => option.includes("name=rootless"));
  const kind = rootless ? "rootless" : /Docker Desktop/.test(OperatingSystem) ? "Docker Desktop's" : undefined;
  const why = "its bridges are not this machine's, so that no container is reached by its address and checks fail";
  return [
    ...(kind === undefined
      ? []
      : [
          {
            id,
            level: "warning",
            what: `the engine is ${kind}`,
            why,
            mend: "use an engine on Linux that root runs",
          } as const,
        ]),
    ...(Driver === "vfs" ? [slowStorage] : []),
  ];
}

const slowStorage: Judgement = {
  id: "storage-driver",
  level: "warning",
  what: "the engine's storage driver is vfs",
  why: "every container is a full copy of its image: slow, and big on the disk",
  mend: 'set "storage-driver": "overlay2" in /etc/docker/daemon.json',
};
