import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { quote } from "../components/lib/quote.ts";
import type { ImageOrigin } from "../stacks/images.ts";
import type { Cli } from "./cli.ts";
import { run } from "./run.ts";

export const PROJECT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/** Its name, as Pulumi.yaml has it: what labels, marks and the names of objects begin with. */
export const PROJECT_NAME = "dockernet";
/** What belongs to this checkout on this machine: state, passphrase, and what the set-up found out. */
const OWN = join(PROJECT, ".dockernet");
const PASSPHRASE = join(OWN, "passphrase");

/** What a command of this project has to know of the machine. */
export interface Machine {
  readonly cli: Cli;
  readonly plugins: { readonly home: string; readonly built: boolean };
  readonly engineHost: string;
  readonly images: ImageOrigin;
}

/** Makes the folders and the passphrase of the default backend, and writes down what commands/environment.sh reads. */
export function settle({ cli, plugins, engineHost, images }: Machine): void {
  for (const folder of [OWN, join(OWN, "state")]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(PASSPHRASE)) writeFileSync(PASSPHRASE, randomBytes(24).toString("base64url"), { mode: 0o600 });
  const known = {
    DOCKERNET_PULUMI: cli.pulumi,
    DOCKERNET_PATH: [dirname(cli.languageHost), join(PROJECT, "node_modules", ".bin")].join(delimiter),
    DOCKERNET_ENGINE: engineHost,
    DOCKERNET_ORIGIN: images,
    DOCKERNET_HOME: plugins.built ? plugins.home : "",
  };
  const lines = Object.entries(known).map(([key, value]) => `${key}=${quote(value)}\n`);
  writeFileSync(join(OWN, "machine"), lines.join(""));
}

/** Sets this process's environment as that of the project's commands is set. */
export async function enter(): Promise<void> {
  const variables = await run("sh", ["-c", '. "$root/toolchain/commands/environment.sh"; env -0'], {
    env: { root: PROJECT },
  });
  for (const line of variables.split("\0")) {
    const [key = "", ...value] = line.split("=");
    if (key !== "") process.env[key] = value.join("=");
  }
}
