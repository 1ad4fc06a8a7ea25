import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { build, goProgramNamed } from "../../toolchain/build.ts";
import { presentCli } from "../../toolchain/cli.ts";
import { run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";

/** A source-built provider, in its own Pulumi home, with its own state. */
export interface BuiltProvider {
  /** Path of the program. */
  readonly path: string;
  /** A folder used only by this run; contains the state. */
  readonly work: string;
  readonly makeStack: (name: string) => Promise<Stack>;
  /** The schema that the provider returns. */
  readonly schema: () => Promise<string>;
  /** Removes the folder, and restores the environment. */
  readonly close: () => void;
}

/** Builds a provider if necessary, and installs it in a separate home. */
export async function bringProvider(
  name: "docker" | "command",
  version: string,
  scratch: string,
): Promise<BuiltProvider> {
  const work = join(tmpdir(), scratch);
  mkdirSync(work, { mode: 0o700 });
  const env = {
    PULUMI_HOME: join(work, "home"),
    PULUMI_BACKEND_URL: `file://${work}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const path = await build(goProgramNamed(name), console);
  const cli = (await presentCli())?.pulumi ?? (await build(goProgramNamed("cli"), console));
  const before = process.env.PATH;
  process.env.PATH = [dirname(cli), before].join(delimiter);
  await run("pulumi", ["plugin", "install", "resource", name, version, "--file", path], { env });
  return {
    path,
    work,
    makeStack: (stackName) => inlineStack(`${name}-provider`, stackName, mkdtempSync(join(work, "program-")), env),
    schema: () => run("pulumi", ["package", "get-schema", path], { env }),
    close: () => {
      process.env.PATH = before;
      rmSync(work, { recursive: true, force: true });
    },
  };
}
