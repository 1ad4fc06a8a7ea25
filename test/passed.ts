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
 * Long stages and test files that depend on few sources, with the files and folders of these sources; the imports of a
 * test file are added. A whole `npm test` skips them if they passed on this machine with the same sources and engine;
 * continuous integration (the variable CI is set), `--all`, and naming them run them anyway.
 */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  providers: ["toolchain/go", "test/providers"],
  "test/fresh/fresh.test.ts": ["toolchain", "images", "test/images", "lab/start.ts", "main.js"],
  "test/integration/python.test.ts": ["toolchain/go"],
  "test/e2e/faults.test.ts": [],
  "test/e2e/graph-page.test.ts": [],
  "test/e2e/practice-vm.test.ts": [],
};
/** Files with the versions of all dependencies. */
const ALWAYS = ["package.json", "package-lock.json"];

const recordSchema = z.object({ sources: z.string(), day: z.string() });

const recordOf = (name: string) => cacheFolder("tests", `${name.replaceAll("/", "-")}.json`);

/** The day on which a stage or test file passed on this machine with the same sources and engine; else undefined. */
export function passedOn(name: string, engine: string): string | undefined {
  const file = recordOf(name);
  if (!existsSync(file)) return undefined;
  try {
    const { sources, day } = recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return sources === sourcesOf(name, engine) ? day : undefined;
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
  const own = SOURCES[name];
  if (own === undefined) return undefined;
  const used = [...ALWAYS, ...own, ...(name.endsWith(".ts") ? usedBy(name) : [])];
  const hash = createHash("sha256").update(engine);
  for (const each of [...new Set(used.map((path) => path.replace(/\/$/, "")))].sort()) {
    const path = join(PROJECT, each);
    hash.update(`\0${each}\0`);
    if (existsSync(path)) hash.update(statSync(path).isDirectory() ? contentHash(path) : readFileSync(path));
  }
  return hash.digest("hex");
}

/** Version of the engine that the tests use; empty without one. */
export const engineVersion = async (): Promise<string> =>
  (await attempt("docker", ["version", "--format", "{{.Server.Version}}"])) ?? "";
