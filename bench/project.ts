import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../toolchain/run.ts";

/** A Pulumi project of a benchmark, run by the CLI; its state and its settings are in a scratch folder. */
export interface Project {
  /** Creates its stack, with these settings. */
  readonly begin: (settings: Readonly<Record<string, string>>) => Promise<void>;
  /** Runs `pulumi COMMAND`, for `up` and `destroy` without a preview before it. */
  readonly call: (command: "up" | "preview" | "destroy", ...args: string[]) => Promise<string>;
  /** Removes the stack, whatever is in its state. */
  readonly end: () => Promise<unknown>;
}

/** The project in a folder; `signal` kills its commands. */
export function project(folder: URL, work: string, signal: AbortSignal): Project {
  const state = join(work, "state");
  mkdirSync(state, { recursive: true });
  const environment = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
  const options = { cwd: fileURLToPath(folder), env: environment };
  const pulumi = (...args: string[]) => run("pulumi", [...args, "--non-interactive"], { ...options, signal });
  const file = ["--config-file", join(work, "Pulumi.bench.yaml")];
  return {
    async begin(settings) {
      await pulumi("stack", "init", "bench");
      for (const [key, value] of Object.entries(settings)) {
        await pulumi("config", "set", key, value, "--stack", "bench", ...file);
      }
    },
    call: (command, ...args) =>
      pulumi(
        command,
        ...(command === "preview" ? [] : ["--yes", "--skip-preview"]),
        ...args,
        "--stack",
        "bench",
        ...file,
      ),
    end: () => run("pulumi", ["stack", "rm", "bench", "--yes", "--force", "--non-interactive"], options),
  };
}
