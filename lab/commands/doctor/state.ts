import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { HostAccess } from "../../../stacks/checks.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { backendFolder } from "../../../toolchain/fileBackend.ts";
import { errorTail, run } from "../../../toolchain/run.ts";
import { type Process, processes } from "../../host/processes.ts";
import { engineProblem } from "../../state/engineIdentity.ts";
import { settingsOf } from "../../state/environments.ts";
import { holder, type Lock, readLocks } from "../../state/locks.ts";
import { NO_STACK } from "../../state/outputs.ts";
import { configOf, parseStackConfig } from "../../state/stackConfig.ts";
import { exportOf, hostsIn, parseExport } from "../../state/stackExport.ts";
import type { Judgement } from "./finding.ts";
import { judgePassphrase } from "./passphrase.ts";
import { judgeWritable } from "./writable.ts";

const TIMEOUT_MS = 15_000;
/** Id of the finding for an environment on another engine. */
export const OTHER_ENGINE = "other-engine";

/** Pulumi's data of an environment, and its problems. */
export interface State {
  readonly judgements: readonly Judgement[];
  /** Settings of the stack; undefined if the stack does not exist. */
  readonly settings: Readonly<Record<string, string>> | undefined;
  /** Hosts of the last `up`, by name; empty if the environment is not up. */
  readonly hosts: Readonly<Record<string, HostAccess>>;
}

/** Reads it through Pulumi, so from any backend. Decrypts nothing. */
export async function readDeployment(environment: string, env: NodeJS.ProcessEnv): Promise<State> {
  const pulumi = (...args: string[]) =>
    run("pulumi", [...args, "--non-interactive"], { cwd: PROJECT, env, timeoutMs: TIMEOUT_MS }).then(
      (text) => ({ text }),
      (error) => ({ failed: errorTail(error, 2) }),
    );
  const [config, exported, whoami] = await Promise.all([
    pulumi(...configOf(environment)),
    pulumi(...exportOf(environment)),
    pulumi("whoami", "--json"),
  ]);
  const backend = "text" in whoami ? z.object({ url: z.string() }).parse(JSON.parse(whoami.text)).url : undefined;
  const files = backend === undefined ? undefined : backendFolder(backend);
  const deployment = "text" in exported ? parseExport(JSON.parse(exported.text)) : undefined;
  // The salt of the settings file has priority over that of the state, as in Pulumi.
  const salt = saltIn(environment) ?? deployment?.encryptionSalt;
  const home = { ...process.env, ...env }.PULUMI_HOME;
  const written = [
    ...(files ? [join(files, ".pulumi")] : []),
    dirname(settingsOf(environment)),
    ...(home ? [home] : []),
  ];
  const judgements = [
    readable(environment, "failed" in exported ? exported.failed : undefined, backend, deployment !== undefined),
    ...passphrase(backend, deployment?.secretsProvider, { ...process.env, ...env }),
    ...(salt ? await judgePassphrase(salt, { ...process.env, ...env }) : []),
    ...judgeWritable(written),
    ...(files ? judgeLocks(environment, readLocks(files, environment), processes()) : []),
    ...pending(environment, deployment?.pending.length ?? 0),
    ...otherEngine(deployment && (await engineProblem(deployment.resources, env))),
  ];
  const hosts = hostsIn(deployment?.resources ?? []);
  return { judgements, settings: "text" in config ? parseStackConfig(JSON.parse(config.text)) : undefined, hosts };
}

/** The salt that Pulumi writes to the settings file of a stack whose secrets a passphrase encrypts. */
function saltIn(environment: string): string | undefined {
  const file = settingsOf(environment);
  return existsSync(file) ? /^encryptionsalt: *"?([^"\s]+)/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
}

function readable(
  environment: string,
  failed: string | undefined,
  backend: string | undefined,
  made: boolean,
): Judgement {
  const id = "state";
  if (failed === undefined)
    return { id, level: "ok", what: made ? `the state is readable, at ${backend}` : "the stack is empty" };
  if (NO_STACK.test(failed)) return { id, level: "ok", what: `no stack ${environment} was made yet, at ${backend}` };
  const what = `the state of ${environment} cannot be read: ${failed.replace(/^error: /, "")}`;
  return {
    id,
    level: "problem",
    what,
    fix: "npx pulumi whoami --verbose shows the backend; npx pulumi login changes it",
  };
}

/** Self-managed backends encrypt secrets with a passphrase, unless the stack has another secrets provider. */
export function passphrase(
  backend: string | undefined,
  provider: string | undefined,
  env: NodeJS.ProcessEnv,
): Judgement[] {
  if (backend === undefined || /^https?:/.test(backend) || (provider ?? "passphrase") !== "passphrase") return [];
  const id = "passphrase";
  const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (given !== undefined || (file && existsSync(file))) return [{ id, level: "ok", what: "a passphrase is given" }];
  const what = file ? `the file of the passphrase, ${file}, does not exist` : "no passphrase is given";
  const why = "Pulumi encrypts the stack's secrets with it, and asks for it only at a terminal";
  const fix = "set PULUMI_CONFIG_PASSPHRASE_FILE to a file with it";
  return [{ id, level: process.stdin.isTTY && !file ? "warning" : "problem", what, why, fix }];
}

/** Problems from the locks of a file backend. */
export function judgeLocks(environment: string, locks: readonly Lock[], all: readonly Process[]): Judgement[] {
  const fix = `npx lab recover ${environment}`;
  return locks.map((lock): Judgement => {
    const { owner, since, file } = lock;
    const time = since.toISOString().replace(/\..*/, "Z");
    const found = { id: "lock", level: "problem" } as const;
    if (!owner) return { ...found, what: `the stack has a lock since ${time} that cannot be read: ${file}`, fix };
    const { pid, user, host } = owner;
    const what = `the stack is locked by process ${pid} of ${user} on ${host}, since ${time}`;
    return host !== hostname() || holder(lock, all)
      ? { ...found, what, why: "one pulumi at a time works on a stack", fix: "wait for it to end" }
      : { ...found, what, why: "that process exited, and its changes may be incomplete", fix };
  });
}

function otherEngine(problem: string | undefined): Judgement[] {
  if (problem === undefined) return [];
  const [what = "", fix = ""] = problem.split(/: (?=set |if )/);
  return [{ id: OTHER_ENGINE, level: "problem", what, fix }];
}

function pending(environment: string, count: number): Judgement[] {
  if (count === 0) return [];
  const what = `${count} operations of an up or destroy that broke off are pending`;
  const why = "Pulumi does not know whether they were done";
  return [{ id: "pending", level: "warning", what, why, fix: `npx lab recover ${environment}` }];
}
