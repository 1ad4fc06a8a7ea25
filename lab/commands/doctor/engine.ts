import type { LabName } from "../../../stacks/labs/index.ts";
import { engineRefusal } from "../../../toolchain/engineRefusal.ts";
import { pulumiHome } from "../../../toolchain/plugins.ts";
import { type EngineInfo, engineApi, engineErrors, engineInfo } from "../../host/engineInfo.ts";
import type { Facts } from "../../host/facts.ts";
import type { Judgement } from "./finding.ts";
import { needEngine, needsOf } from "./needs.ts";

/**
 * Whether an engine answers and supports the labs; `built` is whether the docker provider is the one built from source.
 */
export function judgeEngine(facts: Facts, labs: readonly LabName[], built = hasBuiltProvider()): Judgement[] {
  if (!needEngine(labs)) return [];
  if (facts.get("engine.missing") !== undefined) {
    const [what, fix] = ["the command docker is missing", "apt-get install docker.io, or the package docker-ce-cli"];
    return [{ id: "engine", level: "problem", what, why: "it is how the labs look at the engine", fix }];
  }
  const info = engineInfo(facts);
  if (!info) return [noAnswer(facts)];
  const version = info.ServerVersion;
  return [
    { id: "engine", level: "ok", what: `the engine answers, version ${version}` },
    ...(built ? judgeApi(facts) : []),
    ...versions(version, labs),
    ...limits(info),
  ];
}

/**
 * Whether this host has the docker provider built from source. The client of the official one negotiates the API
 * version.
 */
const hasBuiltProvider = (): boolean => pulumiHome()?.built ?? false;

/** The newest API of the docker provider built here (toolchain/go/docker/api.go). */
const PROVIDER_API = "1.44";

/** Whether the engine accepts an API that the provider speaks. */
function judgeApi(facts: Facts): Judgement[] {
  const { oldest } = engineApi(facts) ?? {};
  const minor = (version: string) => Number(version.split(".")[1]);
  if (oldest === undefined || !(minor(oldest) > minor(PROVIDER_API))) return [];
  const what = `the engine speaks API ${oldest} at the least, and the docker provider ${PROVIDER_API} at the most`;
  const why = "the engine refuses all that Pulumi asks of it: client version is too old";
  return [{ id: "engine-api", level: "problem", what, why, fix: apiFix }];
}

const apiFix =
  'set "min-api-version": "1.24" in /etc/docker/daemon.json, or take what is there out, then restart the engine: systemctl restart docker';

/** Why an engine does not answer, from the output of `docker info`. */
function noAnswer(facts: Facts): Judgement {
  const lines = [...engineErrors(facts), ...facts.all("engine.said")].filter((line) => line.trim() !== "");
  const said = lines.find((line) => /denied|connect|daemon/i.test(line)) ?? lines.at(-1);
  const id = "engine";
  const refused = engineRefusal(lines.join("\n"), facts.get("engine.api"));
  if (refused) return { id, level: "problem", ...refused };
  if (/permission denied/i.test(said ?? "")) {
    const what = `user ${facts.get("user")?.split(" ")[1]} may not use the engine: permission denied on its socket`;
    return {
      id,
      level: "problem",
      what,
      fix: "sudo usermod -aG docker $USER, then log in again; or run this as root",
    };
  }
  const what = `no engine answers: ${said ?? "timeout"}`;
  return {
    id,
    level: "problem",
    what,
    fix: "systemctl start docker; on this host npm run setup installs and starts one",
  };
}

/** The major version; undefined if the version is not a number, as in a build without version. */
function majorOf(version: string): number | undefined {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);
  return major === 0 ? undefined : major;
}

function versions(version: string, labs: readonly LabName[]): Judgement[] {
  const major = majorOf(version);
  return labs.flatMap((lab): Judgement[] => {
    const { before } = needsOf(lab);
    if (!before) return [];
    if (major === undefined) {
      const what = `support of lab ${lab} is unknown on an engine of version ${version}: ${before.because}`;
      return [{ id: "engine-version", level: "skipped", what }];
    }
    if (major < before.major)
      return [{ id: "engine-version", level: "ok", what: `lab ${lab} is supported on engine ${version}` }];
    const what = `lab ${lab} is not supported on engine ${version}: ${before.because}`;
    const fix = `take ${lab} out of dockernet:labs, or use an engine before ${before.major}`;
    return [{ id: "engine-version", level: "problem", what, fix }];
  });
}

/** Problems of engines whose containers are not on the host's own network, and of slow storage. */
function limits({ OSType, OperatingSystem, SecurityOptions, Driver }: EngineInfo): Judgement[] {
  const id = "engine-kind";
  if (OSType === "windows") {
    const what = "the engine runs Windows containers";
    return [{ id, level: "problem", what, why: "the labs are of Linux networking", fix: "switch to Linux containers" }];
  }
  const rootless = (SecurityOptions ?? []).some((option) => option.includes("name=rootless"));
  const kind = rootless ? "rootless" : /Docker Desktop/.test(OperatingSystem) ? "Docker Desktop's" : undefined;
  const why = "its bridges are not this host's, so that no container is reached by its address and checks fail";
  return [
    ...(kind === undefined
      ? []
      : [
          {
            id,
            level: "warning",
            what: `the engine is ${kind}`,
            why,
            fix: "use an engine on Linux that root runs",
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
  fix: 'set "storage-driver": "overlay2" in /etc/docker/daemon.json',
};
