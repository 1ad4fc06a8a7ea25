import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROJECT } from "../../toolchain/environment.ts";
import { locksFolder, stacksFolder } from "../../toolchain/fileBackend.ts";
import { type Environment, makeEnvironment } from "../integration/environment.ts";
import { type Bystanders, makeBystanders } from "./bystanders.ts";
import type { World } from "./fault.ts";
import { begin, type Ended, lastLines, processesWith, type Running } from "./process.ts";
import { sweep, things } from "./remains.ts";

/** An environment as a user sees it: through the project's commands and their output. */
export interface Lab extends World {
  readonly environment: Environment;
  readonly name: string;
  /** Name of one of its objects on the engine. */
  readonly named: (base: string) => string;
  readonly settings: LabOptions["settings"];
  /** Starts a `pulumi` command on it, with additional options and environment variables. */
  readonly begin: (command: PulumiCommand, ...more: More[]) => Running;
  readonly up: (...more: More[]) => Promise<Ended>;
  readonly destroy: (...more: More[]) => Promise<Ended>;
  /** Starts a `lab` command on it. */
  readonly ask: (command: string, ...options: string[]) => Promise<Ended>;
  /** Failures of `lab verify`, one per line. */
  readonly failing: () => Promise<string[]>;
  /** Folder of its backend. */
  readonly state: string;
  /** Its state file. */
  readonly stateFile: string;
  /** Folder with its locks. */
  readonly locks: string;
}

type PulumiCommand = "up" | "destroy" | "preview";
/** Additional options or variables. */
type More = string | NodeJS.ProcessEnv;

const OPTIONS: Readonly<Record<PulumiCommand, readonly string[]>> = {
  up: ["--yes", "--skip-preview", "--suppress-outputs"],
  destroy: ["--yes", "--skip-preview"],
  preview: ["--expect-no-changes", "--suppress-outputs"],
};

export interface LabOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it is up when a fault is caused. */
  readonly running: boolean;
  /** Additional protected data. @default - none */
  readonly lost?: () => Promise<string[]>;
  /** Additional allowed leftovers. @default - none */
  readonly leftovers?: () => Promise<string[]>;
}

/** Path of a command as npx finds it, without the PATH that the set-up gave this process. */
const users = (program: "pulumi" | "lab"): string => join(PROJECT, "node_modules", ".bin", program);

/** Creates an environment, and brings it up if it should run. */
export async function makeLab({ settings, running, ...more }: LabOptions): Promise<Lab> {
  const environment = await makeEnvironment(settings);
  const { name, env } = environment;
  const state = fileURLToPath(env.PULUMI_BACKEND_URL ?? "");
  const bystanders = await makeBystanders(name);
  const labBegin: Lab["begin"] = (command, ...more) => {
    const options = more.filter((each) => typeof each === "string");
    const variables = Object.assign({}, ...more.filter((each) => typeof each !== "string"));
    const args = [command, "--non-interactive", "--stack", name, ...OPTIONS[command], ...options];
    return begin(users("pulumi"), args, { ...env, ...variables });
  };
  const failing = async () => {
    const results = await environment.verify();
    return results.filter(({ passed }) => !passed).map(({ check, actual }) => `check ${check.id} fails: ${actual}`);
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
    ask: (command, ...options) => begin(users("lab"), [command, name, ...options], env).ended,
    failing,
    state,
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

/** A command that must succeed, because it is not part of the test. */
export async function must(ended: Promise<Ended>): Promise<Ended> {
  const result = await ended;
  if (result.code !== 0) throw new Error(`command failed: ${lastLines(result.text)}`);
  return result;
}

const difference = (all: readonly string[], some: readonly string[]) => all.filter((each) => !some.includes(each));

const files = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
  } catch {
    return [];
  }
};

const locks = (state: string): string[] => files(join(state, ".pulumi", "locks")).map((file) => `lock ${file}`);

/** Pending operations of a killed run, from the state. */
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
    // Objects that the state does not know are found by name.
    await sweep(`dockernet-${environment.name}-`);
  });
}
