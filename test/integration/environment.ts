import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LocalWorkspace, type PreviewOptions } from "@pulumi/pulumi/automation/index.js";
import { type Result, verify } from "../../lab/checks/verify.ts";
import { explain } from "../../lab/commands/explain/explain.ts";
import { labelled } from "../../lab/host/labels.ts";
import { here } from "../../lab/host/sessions.ts";
import { type Outputs, readOutputs } from "../../lab/state/outputs.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/run.ts";
import { type TestStack, testStack } from "../stack.ts";

/** An environment of this project on the real engine, with its own name and its state in a temporary folder. */
export interface Environment {
  readonly name: string;
  readonly stack: TestStack;
  /** Environment variables with which a `pulumi` command finds its state. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes its settings file, with the given keys and values. */
  readonly settle: (settings: Readonly<Record<string, unknown>>) => void;
  /** Runs the checks of the last `up` from outside, like `lab verify`. */
  readonly verify: () => Promise<Result[]>;
  /** The outputs of the last `up`, as the lab command reads them. */
  readonly outputs: () => Promise<Outputs>;
  /** Names of this environment's containers, networks and volumes on the engine. */
  readonly objects: () => Promise<string[]>;
  /** Destroys it, whatever its state, and fails if anything is left. */
  readonly remove: () => Promise<void>;
}

/** Creates an environment with these settings, without an `up`. Its name begins with `prefix`. */
export async function makeEnvironment(
  settings: Readonly<Record<string, unknown>> = {},
  prefix = "test",
): Promise<Environment> {
  const name = `${prefix}-${randomBytes(4).toString("hex")}`;
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-state-"));
  // A backend at the same path as a checkout's, so that copies of its states are kept.
  const backend = join(scratch, ".dockernet", "state");
  mkdirSync(backend, { recursive: true });
  const envVars = { PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests" };
  const file = join(PROJECT, "stacks", `Pulumi.${name}.yaml`);
  const settle: Environment["settle"] = (all) => {
    const keyed = Object.entries(all).map(([key, value]) => [`dockernet:${key}`, value]);
    writeFileSync(file, JSON.stringify({ config: Object.fromEntries(keyed) }));
  };
  settle(settings);
  const stack = testStack(await LocalWorkspace.createStack({ stackName: name, workDir: PROJECT }, { envVars }));

  const objects = () => listObjects(name);
  return {
    name,
    stack,
    env: envVars,
    objects,
    settle,
    outputs: () => readOutputs(name, envVars),
    verify: async () => verify(await readOutputs(name, envVars)),
    remove: async () => {
      try {
        await stack.destroy({ refresh: true });
        const left = await objects();
        if (left.length > 0) throw new Error(`destroy left behind: ${left.join(", ")}`);
      } finally {
        rmSync(file, { force: true });
        rmSync(scratch, { recursive: true });
      }
    },
  };
}

async function listObjects(name: string): Promise<string[]> {
  const labels = { "dockernet.project": "dockernet", "dockernet.stack": name };
  const filters = Object.entries(labels).flatMap(([key, value]) => ["--filter", `label=${key}=${value}`]);
  const list = (kind: string) => run("docker", [kind, "ls", "--format", "{{.Name}}", ...filters]);
  const others = await Promise.all([list("network"), list("volume")]);
  const containers = labelled(await here().containers(), labels).map((container) => container.name);
  return [...containers, ...others.flatMap((text) => text.split("\n").filter((each) => each !== ""))].sort();
}

/** Asserts that a preview shows no change. */
export async function unchanged({ stack }: Environment, options: PreviewOptions = {}): Promise<void> {
  const { changeSummary } = await stack.preview(options);
  assert.deepEqual(Object.keys(changeSummary), ["same"], JSON.stringify(changeSummary));
}

/** Waits until all checks pass, for at most this time. */
export async function recovers(environment: Environment, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const failed = failures(await environment.verify());
    if (failed.length === 0) return;
    if (Date.now() > end) assert.fail(`still failing: ${failed.join()}`);
    await setTimeout(1_000);
  }
}

/** The faults that `lab explain` reports for a check or an object, a line each. */
export const faultsOf = async (environment: Environment, object: string): Promise<string> => {
  const { text } = await explain(environment.name, await environment.outputs(), object, 80);
  return text.match(/^(Fault|Cause): .*$/gm)?.join("\n") ?? "";
};

/** Ids of the failed checks. */
export const failures = (results: readonly Result[]): string[] =>
  results.filter(({ passed }) => !passed).map(({ check }) => check.id);
