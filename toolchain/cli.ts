import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { SemVer, satisfies } from "semver";
import { build, goProgramNamed, isBuilt } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { answers } from "./network.ts";
import { attempt, errorTail, which } from "./run.ts";
import { SetupError, type Step, say } from "./step.ts";
import { VERSIONS } from "./versions.ts";

/** The Pulumi release to download or build, and the oldest accepted on PATH. */
const VERSION = VERSIONS.pulumi;
const DOWNLOADS = "https://get.pulumi.com/";
/** Where the Automation API's installer keeps this release, shared with all programs that use it. */
const OFFICIAL = join(homedir(), ".pulumi", "versions", VERSION);

export type CliOrigin = "PATH" | "download" | "source";

/** A Pulumi CLI and its Node.js language host. */
export interface Cli {
  readonly origin: CliOrigin;
  readonly pulumi: string;
  readonly languageHost: string;
}

/** The CLI on PATH if it is recent enough, else one that was downloaded or built before. Changes nothing. */
export async function presentCli(): Promise<Cli | undefined> {
  return (await cliOnPath()) ?? withLanguageHost("download", join(OFFICIAL, "bin", "pulumi")) ?? builtCli();
}

async function cliOnPath(): Promise<Cli | undefined> {
  // Skips the project's own `pulumi` command, which npm puts on PATH: it only finds and runs a CLI.
  const pulumi = which("pulumi", (folder) => folder.endsWith(join("node_modules", ".bin")));
  return pulumi && (await isRecent(pulumi)) ? withLanguageHost("PATH", pulumi) : undefined;
}

async function isRecent(pulumi: string): Promise<boolean> {
  const version = (await attempt(pulumi, ["version"])) ?? "";
  return satisfies(version, `>=${VERSION}`, { includePrerelease: true });
}

function withLanguageHost(origin: CliOrigin, pulumi: string): Cli | undefined {
  const beside = join(dirname(pulumi), "pulumi-language-nodejs");
  const languageHost = existsSync(beside) ? beside : which("pulumi-language-nodejs");
  return existsSync(pulumi) && languageHost ? { origin, pulumi, languageHost } : undefined;
}

function builtCli(): Cli | undefined {
  const [pulumi, languageHost] = [isBuilt(goProgramNamed("cli")), isBuilt(goProgramNamed("language-nodejs"))];
  return pulumi && languageHost
    ? withLanguageHost("source", join(pairFolder(pulumi, languageHost), "pulumi"))
    : undefined;
}

/** The folder that holds both built programs: the CLI warns about a language host found elsewhere on PATH. */
const pairFolder = (pulumi: string, languageHost: string): string =>
  cacheFolder(
    "toolchain",
    `pair-${createHash("sha256").update(`${pulumi}\n${languageHost}`).digest("hex").slice(0, 12)}`,
  );

/** Provides a Pulumi CLI: the user's own if it is recent enough, else the official one, else one built from source. */
export const cli: Step = {
  name: "Pulumi CLI",
  async look() {
    const present = await presentCli();
    if (present) return { there: `${VERSION} or newer (${present.origin}, ${present.pulumi})` };
    if (await answers(DOWNLOADS)) {
      return { missing: `the Pulumi CLI ${VERSION} (official download)`, install: download };
    }
    return {
      missing: `the Pulumi CLI ${VERSION} (built from source: ${DOWNLOADS} does not answer)`,
      install: make,
    };
  },
};

async function download(): Promise<string> {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  await PulumiCommand.install({ version: new SemVer(VERSION), root: OFFICIAL }).catch((error) => {
    throw new SetupError(`could not download the Pulumi CLI:\n${errorTail(error)}`);
  });
  return VERSION;
}

async function make(): Promise<string> {
  const languageHost = await build(goProgramNamed("language-nodejs"), { log: say });
  const pulumi = await build(goProgramNamed("cli"), { log: say });
  const folder = pairFolder(pulumi, languageHost);
  mkdirSync(folder, { recursive: true });
  for (const program of [languageHost, pulumi]) {
    const link = join(folder, basename(program));
    if (!existsSync(link)) linkSync(program, link);
  }
  return `${VERSION} from source`;
}
