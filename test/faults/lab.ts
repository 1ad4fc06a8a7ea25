import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { locksFolder, stacksFolder } from "../../toolchain/fileBackend.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { type Environment, makeEnvironment } from "../integration/environment.ts";
import { type Bystanders, makeBystanders } from "./bystanders.ts";
import type { World } from "./fault.ts";
import { begin, type Ended, lastLines, processesWith, type Running } from "./process.ts";

/** An environment as a user has it: through the commands of the project, and what they print. */
export interface Lab extends World {
  readonly environment: Environment;
  readonly name: string;
  /** The name of one of its objects on the engine. */
  readonly named: (base: string) => string;
  readonly settings: LabOptions["settings"];
  /** Begins a `pulumi` command on it, with further options and variables of the environment. */
  readonly begin: (command: PulumiCommand, ...more: More[]) => Running;
  readonly up: (...more: More[]) => Promise<Ended>;
  readonly destroy: (...more: More[]) => Promise<Ended>;
  /** Begins a command of `lab` on it. */
  readonly ask: (command: string, ...options: string[]) => Promise<Ended>;
  /** What `lab verify` finds wrong, a line each. */
  readonly failing: () => Promise<string[]>;
  /** The file with its state. */
  readonly stateFile: string;
  /** The folder with its locks. */
  readonly locks: string;
}

type PulumiCommand = "up" | "destroy" | "preview";
/** A further option, or further variables. */
type More = string | NodeJS.ProcessEnv;

const OPTIONS: Readonly<Record<PulumiCommand, readonly string[]>> = {
  up: ["--yes", "--skip-preview", "--suppress-outputs"],
  destroy: ["--yes", "--skip-preview"],
  preview: ["--expect-no-changes", "--suppress-outputs"],
};

export interface LabOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it is up when a fault is made. */
  readonly running: boolean;
  /** Further things that must not be lost. @default - none */
  readonly lost?: () => Promise<string[]>;
  /** Further things that may be left. @default - none */
  readonly leftovers?: () => Promise<string[]>;
}

/** Makes an environment, and brings it up where it is to run. */
export async function makeLab({ settings, running, ...more }: LabOptions): Promise<Lab> {
  const environment = await makeEnvironment(settings);
  const { name, env } = environment;
  const state = fileURLToPath(env.PULUMI_BACKEND_URL ?? "");
  const bystanders = await makeBystanders(name);
  const labBegin: Lab["begin"] = (command, ...more) => {
    const options = more.filter((each) => typeof each === "string");
    const variables = Object.assign({}, ...more.filter((each) => typeof each !== "string"));
    const args = [command, "--non-interactive", "--stack", name, ...OPTIONS[command], ...options];
    return begin("pulumi", args, { ...env, ...variables });
  };
  const failing = async () => {
    const results = await environment.verify();
    return results.filter(({ passed }) => !passed).map(({ check, found }) => `check ${check.id} fails: ${found}`);
  };
  const problems = async () => {
    const failed = await failing().catch((error: Error) => [error.message]);
    if (failed.length > 0) return failed;
    const { code, text } = await labBegin("preview").ended;
    const changes = code === 0 ? [] : [`a second preview shows changes: ${lastLines(text)}`];
    return [...changes, ...pending(state), ...locks(state)];
  };
  const up: Lab["up"] = (...more) => labBegin("up", ...more).ended;
  const lab: Lab = {
    environment,
    name,
    settings,
    named: (base) => `dockernet-${name}-${base}`,
    begin: labBegin,
    up,
    destroy: (...more) => labBegin("destroy", ...more).ended,
    ask: (command, ...options) => begin("lab", [command, name, ...options], env).ended,
    failing,
    stateFile: join(stacksFolder(state), `${name}.json`),
    locks: locksFolder(state, name),
    problems,
    lost: async () => [...(await bystanders.harmed()), ...((await more.lost?.()) ?? [])],
    leftovers: async () => [
      ...difference(await things(environment), await expected()),
      ...processesWith(state)
        // ssh keeps its connection for a while on purpose.
        .filter(({ program }) => program !== "ssh")
        .map(({ program, pid }) => `process ${program} (${pid})`),
      ...locks(state),
      ...pending(state),
      ...((await more.leftovers?.()) ?? []),
    ],
    remains: () => things(environment),
    reset: async () => {
      if (!running) await must(lab.destroy());
    },
    close: () => close(environment, bystanders, state),
  };
  let whole: string[] | undefined;
  const expected = async () => {
    if (!running) return [];
    whole ??= await things(environment);
    return whole;
  };
  if (!running) return lab;
  try {
    await must(up());
    await expected();
  } catch (error) {
    await lab.close();
    throw error;
  }
  return lab;
}

/** A command that has to succeed, since it is no part of what is tried. */
export async function must(ended: Promise<Ended>): Promise<Ended> {
  const result = await ended;
  if (result.code !== 0) throw new Error(`it failed: ${lastLines(result.text)}`);
  return result;
}

const difference = (all: readonly string[], some: readonly string[]) => all.filter((each) => !some.includes(each));

/** What there is of an environment on this machine, as names: objects of the engine, namespaces, ports of its bridges. */
async function things({ name, objects }: Environment): Promise<string[]> {
  const prefix = `dockernet-${name}-`;
  const unlabelled = async (...command: string[]) =>
    (await run("docker", [...command, "--filter", `name=${prefix}`])).split("\n").filter((each) => each !== "");
  const [labelled, containers, networks, namespaces] = await Promise.all([
    objects(),
    unlabelled("ps", "--all", "--format", "{{.Names}}"),
    unlabelled("network", "ls", "--format", "{{.Name}}"),
    run("ip", ["netns", "list"]),
  ]);
  const own = namespaces.split("\n").map((line) => line.split(" ")[0] ?? "");
  const cables = await Promise.all(networks.map(danglingPorts));
  return [
    ...new Set([...labelled, ...containers, ...networks]),
    ...own.filter((each) => each.startsWith(prefix)).map((each) => `namespace ${each}`),
    ...cables.flat(),
  ];
}

/** Cables in the bridge of a network that no container holds the other end of. */
async function danglingPorts(network: string): Promise<string[]> {
  const shown = await attempt("docker", ["network", "inspect", "--format", "{{.Id}} {{len .Containers}}", network]);
  if (shown === undefined) return [];
  const [id = "", containers] = shown.split(" ");
  const listed = await attempt("ip", ["-j", "link", "show", "master", `br-${id.slice(0, 12)}`]);
  const ports = (JSON.parse(listed || "[]") as { ifname: string }[]).map(({ ifname }) => ifname);
  return ports.length > Number(containers) ? [`cables in the bridge of ${network}: ${ports.join(", ")}`] : [];
}

const files = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
  } catch {
    return [];
  }
};

const locks = (state: string): string[] => files(join(state, ".pulumi", "locks")).map((file) => `lock ${file}`);

/** The operations of a run that died, as the state has them. */
function pending(state: string): string[] {
  const folder = join(state, ".pulumi", "stacks");
  return files(folder).flatMap((file) => {
    const { checkpoint } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const operations: { type: string; resource: { urn: string } }[] = checkpoint.latest?.pending_operations ?? [];
    return operations.map(({ type, resource }) => `unfinished in the state: ${type} ${resource.urn}`);
  });
}

async function close(environment: Environment, bystanders: Bystanders, state: string): Promise<void> {
  await bystanders.remove();
  for (const { pid, program } of processesWith(state)) {
    if (/^pulumi/.test(program)) process.kill(pid, "SIGKILL");
  }
  await environment.stack.cancel().catch(() => undefined);
  await environment.remove().catch(async () => {
    // What the state does not know goes by its name.
    await sweep(`dockernet-${environment.name}-`);
  });
}

/** Removes what carries a name of ours. */
async function sweep(prefix: string): Promise<void> {
  const named = async (...command: string[]) =>
    ((await attempt("docker", [...command, "--quiet", "--filter", `name=${prefix}`])) ?? "")
      .split("\n")
      .filter(Boolean);
  for (const id of await named("ps", "--all")) await attempt("docker", ["rm", "--force", "--volumes", id]);
  for (const id of await named("network", "ls")) await attempt("docker", ["network", "rm", id]);
  for (const id of await named("volume", "ls")) await attempt("docker", ["volume", "rm", id]);
  const spaces = ((await attempt("ip", ["netns", "list"])) ?? "").split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const space of spaces.filter((each) => each.startsWith(prefix))) await attempt("ip", ["netns", "delete", space]);
}
