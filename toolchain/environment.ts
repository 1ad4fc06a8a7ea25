import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { quote } from "../components/lib/quote.ts";
import type { ImageOrigin } from "../stacks/images.ts";
import type { Cli } from "./cli.ts";
import { errorTail, run } from "./run.ts";
import { SetupError } from "./step.ts";

export const PROJECT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/** The project's name in Pulumi.yaml, the prefix of labels, owner marks and object names. */
export const PROJECT_NAME = "dockernet";
/** Folder for data of this checkout on this machine: state, passphrase, and the set-up's results. */
export const OWN = join(PROJECT, ".dockernet");
const PASSPHRASE = join(OWN, "passphrase");

/** What the project's commands need to know about the machine. */
export interface Machine {
  readonly cli: Cli;
  readonly plugins: { readonly home: string; readonly built: boolean };
  readonly images: ImageOrigin;
}

/** Throws unless this user can write the checkout's data; called before anything is installed. */
export function requireOwn(): void {
  const folder = existsSync(OWN) ? OWN : PROJECT;
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SetupError(
      `the set-up cannot write to ${folder} (${(error as NodeJS.ErrnoException).code}): ` +
        "run as the owner of this checkout, or in your own writable clone",
    );
  }
}

/**
 * Creates the folders and the passphrase of the default backend, and writes the file that commands/environment.sh
 * reads.
 */
export function settle({ cli, plugins, images }: Machine): void {
  for (const folder of [OWN, join(OWN, "state")]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(PASSPHRASE)) writeFileSync(PASSPHRASE, randomBytes(24).toString("base64url"), { mode: 0o600 });
  const known = {
    DOCKERNET_PULUMI: cli.pulumi,
    DOCKERNET_PATH: dirname(cli.languageHost),
    DOCKERNET_ORIGIN: images,
    DOCKERNET_HOME: plugins.built ? plugins.home : "",
  };
  const lines = Object.entries(known).map(([key, value]) => `${key}=${quote(value)}\n`);
  writeFileSync(join(OWN, "machine"), lines.join(""));
}

/** The image source that the set-up chose; undefined if this checkout was not set up, or not by this user. */
export function foundOrigin(): string | undefined {
  try {
    return /^DOCKERNET_ORIGIN='?(\w+)'?$/m.exec(readFileSync(join(OWN, "machine"), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Gives this process the environment of the project's commands, by running a script of toolchain/commands. Variables
 * that the script unsets are removed here, too.
 */
export async function enter(script = "environment.sh"): Promise<void> {
  const body = `. "$root/toolchain/commands/${script}"; env -0`;
  const printed = await run("sh", ["-c", body], { env: { root: PROJECT } }).catch((error) => {
    throw new SetupError(errorTail(error).replace(/^error: /, ""));
  });
  const variables = new Map(
    printed.split("\0").flatMap((line) => {
      const at = line.indexOf("=");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
  for (const key of Object.keys(process.env)) if (!variables.has(key)) delete process.env[key];
  for (const [key, value] of variables) process.env[key] = value;
}
