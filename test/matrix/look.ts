import { writeFileSync } from "node:fs";
import * as z from "zod";
import { runDoctor } from "../../lab/commands/doctor/doctor.ts";
import { engineApi, engineFacts, engineInfo } from "../../lab/host/engineInfo.ts";
import { unfitOn } from "../../lab/host/engineVerdicts.ts";
import { here } from "../../lab/host/sessions.ts";
import type { LabName } from "../../stacks/labs/index.ts";
import { PRESETS } from "../../stacks/presets.ts";
import { setUp } from "../../toolchain/machine.ts";
import { main } from "../../toolchain/main.ts";
import { errorTail } from "../../toolchain/run.ts";
import { accusations } from "../integration/accusations.ts";
import { type Environment, makeEnvironment } from "../integration/environment.ts";

/** Facts that the engine reports about itself. */
export const Self = z.object({ version: z.string(), api: z.string(), store: z.string(), firewall: z.string() });

/** Result of all labs on an engine. */
export const Whole = z.object({
  self: Self,
  passed: z.number(),
  /** Problems, one per line; empty if there are none. */
  wrong: z.array(z.string()),
});

/** Result of each lab alone on an engine with a setting that makes some fail. */
export const Each = z.object({
  self: Self,
  /** The settings that the doctor names. */
  settings: z.array(z.string()),
  /** The labs that the doctor says cannot pass, and those that did not pass. */
  said: z.array(z.string()),
  seen: z.array(z.string()),
  /** Problems of the labs that did not pass, one per line. */
  wrong: z.array(z.string()),
});

async function self(): Promise<z.infer<typeof Self>> {
  const facts = await engineFacts(here());
  const [info, api] = facts ? [engineInfo(facts), engineApi(facts)] : [];
  if (!info || !api) throw new Error("the engine does not report its version");
  const { ServerVersion, Driver, DriverStatus, FirewallBackend } = info;
  const isContainerd = DriverStatus?.flat().some((word) => word.startsWith("io.containerd.snapshotter"));
  return {
    version: ServerVersion,
    api: `${api.oldest} to ${api.newest}`,
    store: isContainerd ? `containerd (${Driver})` : Driver,
    firewall: FirewallBackend?.Driver ?? "iptables",
  };
}

/** Every lab in one environment, like `practice`: up, checks, a second preview, explanations, destroy. */
async function whole(): Promise<z.infer<typeof Whole>> {
  const environment = await makeEnvironment(PRESETS.practice);
  const wrong: string[] = [];
  let passed = 0;
  try {
    const findings = await runDoctor(environment.name, environment.env);
    wrong.push(...findings.filter(({ level }) => level === "problem").map(({ what }) => `doctor: ${what}`));
    await environment.stack.up();
    const results = await environment.verify();
    passed = results.filter((each) => each.passed).length;
    wrong.push(...results.filter((each) => !each.passed).map(({ check, actual }) => `${check.id}: ${actual}`));
    const { changeSummary } = await environment.stack.preview({ refresh: true });
    const changes = Object.keys(changeSummary).filter((each) => each !== "same");
    if (changes.length > 0) wrong.push(`a second preview: ${changes.join()}`);
    wrong.push(
      ...(await accusations(environment.name, await environment.outputs())).map((title) => `explain: ${title}`),
    );
  } catch (error) {
    wrong.push(...errorsOf(error as Error));
  }
  await environment.remove().catch((error) => wrong.push(`destroy: ${errorTail(error, 2)}`));
  return { self: await self(), passed, wrong };
}

/** Lines of Pulumi's output that contain errors, or the last ones if none does. */
function errorsOf(error: Error): string[] {
  const lines = error.message.split("\n").filter((line) => /\berror: /.test(line));
  return lines.length > 0 ? [...new Set(lines.map((line) => line.trim()))] : [errorTail(error, 4)];
}

const SINGLE_HOST: readonly LabName[] = ["bridge", "links", "ports", "isolation", "counter"];

async function each(): Promise<z.infer<typeof Each>> {
  const [settings, said, seen, wrong] = [new Set<string>(), [] as string[], [] as string[], [] as string[]];
  for (const lab of [...SINGLE_HOST, "overlay"] as const) {
    for (const { setting } of await unfitOn(here(), lab)) settings.add(setting);
    const environment = await makeEnvironment({ labs: [lab] });
    const findings = await runDoctor(environment.name, environment.env);
    if (findings.some(({ level }) => level === "problem")) said.push(lab);
    const found = await problemsOf(environment);
    if (found.length > 0) seen.push(lab);
    wrong.push(...found.map((each) => `${lab}: ${each}`));
    await environment.remove();
  }
  return { self: await self(), settings: [...settings], said, seen, wrong };
}

async function problemsOf({ stack, verify }: Environment): Promise<string[]> {
  try {
    await stack.up();
  } catch (error) {
    return errorsOf(error as Error); // the engine refuses a container
  }
  return (await verify()).filter(({ passed }) => !passed).map(({ check, actual }) => `${check.id}: ${actual}`);
}

/** Tests the current engine in the mode of its first argument, and writes the result to the second. */
if (import.meta.main) {
  await main(async () => {
    const [way, file = ""] = process.argv.slice(2);
    await setUp();
    writeFileSync(file, JSON.stringify(await (way === "each" ? each() : whole())));
    return 0;
  });
}
