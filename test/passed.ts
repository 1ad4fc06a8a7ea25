import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { contentHash } from "../components/lib/contentHash.ts";
import { cacheFolder } from "../toolchain/cache.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { attempt } from "../toolchain/run.ts";
import { usedBy } from "./changed.ts";

/**
 * Stages and test files that take long: the tests of the providers, and each file that needs an engine. A whole `npm test`
 * skips them if they passed on this machine with the same sources and engine; continuous integration (the variable CI is
 * set), `--all`, and naming them run them anyway. Lint, types and unit tests always run.
 */
const isLong = (name: string): boolean => name === "providers" || /^test\/(integration|e2e|fresh)\//.test(name);
/** Files and folders on which all of these depend: the versions of all packages, and the toolchain that is built from source. */
const ALWAYS = [
  "package.json",
  "package-lock.json",
  "toolchain/go",
  "toolchain/commands",
  "toolchain/deferSdk.cjs",
  "toolchain/runProgram.cjs",
  "images",
];
/** Others that are neither imported nor in the list of changed.ts. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  providers: ["test/providers", "test/gofmt.sh"],
  "test/fresh/fresh.test.ts": ["toolchain", "test/images", "lab/start.ts"],
};

const recordSchema = z.object({ sources: z.string(), day: z.string() });

const recordOf = (name: string) => cacheFolder("tests", `${name.replaceAll("/", "-")}.json`);

/** The day on which a stage or test file passed on this machine with these sources (`sourcesOf`); else undefined. */
export function passedOn(name: string, sources: string | undefined): string | undefined {
  const file = recordOf(name);
  if (!existsSync(file)) return undefined;
  try {
    const record = recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return record.sources === sources ? record.day : undefined;
  } catch {
    // The record is invalid: the test runs.
    return undefined;
  }
}

/** Records that a stage or a test file passed with the sources that `sourcesOf` returned before it ran. */
export function recordPassed(name: string, sources: string | undefined): void {
  if (sources === undefined) return;
  mkdirSync(cacheFolder("tests"), { recursive: true });
  writeFileSync(recordOf(name), JSON.stringify({ sources, day: new Date().toISOString().slice(0, 10) }));
}

/** A hash of what a stage or a test file depends on; undefined for one that always runs. */
export function sourcesOf(name: string, engine: string): string | undefined {
  if (!isLong(name)) return undefined;
  const hash = createHash("sha256").update(engine);
  for (const each of dependenciesOf(name).sort()) {
    const path = join(PROJECT, each);
    hash.update(`\0${each}\0`);
    if (existsSync(path)) hash.update(statSync(path).isDirectory() ? contentHash(path) : readFileSync(path));
  }
  return hash.digest("hex");
}

/** Files and folders on which a stage or test file that takes long depends. */
export function dependenciesOf(name: string): string[] {
  const used = [...ALWAYS, ...(SOURCES[name] ?? []), ...(name.endsWith(".ts") ? usedBy(name) : [])];
  return [...new Set(used.map((path) => path.replace(/\/$/, "")))];
}

/** Version of the engine that the tests use; empty without one. */
export const engineVersion = async (): Promise<string> =>
  (await attempt("docker", ["version", "--format", "{{.Server.Version}}"])) ?? "";
