import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { LESSONS } from "../docs/lessons.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { run } from "../toolchain/run.ts";

/** Dependencies of a file that its imports do not show: programs that it starts, folders that it reads. */
const USES: Readonly<Record<string, readonly string[]>> = {
  "test/integration/environment.ts": ["main.js", "Pulumi.yaml"],
  "test/integration/labCommand.ts": ["lab/lab.ts"],
  "stacks/images.ts": ["images/"],
  "components/packagedImage.ts": ["images/"],
  "test/integration/python.test.ts": ["test/integration/python/"],
  "toolchain/python.ts": ["toolchain/python/"],
  "test/integration/setup.test.ts": ["toolchain/", "lab/lab.ts"],
  "test/integration/lesson.ts": LESSONS.map((lesson) => `docs/${lesson}.md`),
  "test/e2e/quorum.test.ts": ["lab/start.ts", "lab/lab.ts"],
  "test/clone.ts": ["main.js", "Pulumi.yaml", "components/", "images/", "lab/", "stacks/", "toolchain/"],
  "docs/errors.ts": ["docs/troubleshooting.md"],
  "test/etcdArchive.ts": ["test/etcd/"],
  "toolchain/package/build.ts": ["components/", "images/", "LICENSE"],
  "lab/commands/graph/page.ts": ["lab/commands/graph/page/"],
};
const IMPORTED = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;
/** An import of files by a name in their path: `./kinds/${kind}.ts`, `./labs/${name}/build.ts`. */
const IMPORTED_BY_NAME = /\bimport\(`(\.[^`$]*\/)\$\{\w+\}([^`$]*)`\)/g;

/** Files of the project that differ from a commit, including new ones. */
export async function changedSince(commit: string): Promise<string[]> {
  const printed = await Promise.all([
    run("git", ["diff", "--name-only", "--no-renames", "-z", commit, "--"], { cwd: PROJECT }),
    run("git", ["ls-files", "--others", "--exclude-standard", "-z"], { cwd: PROJECT }),
  ]);
  return printed.flatMap((text) => text.split("\0").filter((file) => file !== ""));
}

/** The given test files, or patterns of some, that are changed, or depend on a changed file. */
export function usersOf(changed: readonly string[], tests: readonly string[]): string[] {
  return tests.filter((test) => isAnyOf(changed, usedBy(test)));
}

/** Whether one of the changed files is one of these files, or in one of these folders. */
export function isAnyOf(changed: readonly string[], used: readonly string[]): boolean {
  return changed.some((file) => used.some((each) => file === each || file.startsWith(`${each.replace(/\/$/, "")}/`)));
}

/** A file, or those of a pattern, and what it depends on, directly and indirectly: files, and folders with a slash at the end. */
export function usedBy(file: string): string[] {
  const used = new Set(globSync(file, { cwd: PROJECT }));
  for (const each of used) for (const part of partsOf(each)) used.add(part); // a set also iterates over elements added during the loop
  return [...used];
}

const isCode = (file: string): boolean => /\.c?(ts|js)$/.test(file) && existsSync(join(PROJECT, file));

/** Files of the project that a source file imports, including type-only imports. */
export function importsOf(file: string): string[] {
  if (!isCode(file)) return [];
  const [text, folder] = [readFileSync(join(PROJECT, file), "utf8"), dirname(file)];
  const named = [...text.matchAll(IMPORTED)].map(([, name = ""]) => join(folder, name));
  const byName = [...text.matchAll(IMPORTED_BY_NAME)].flatMap(([, before = "", after = ""]) =>
    readdirSync(join(PROJECT, folder, before))
      .map((name) => join(folder, before, after.startsWith("/") ? name + after : name))
      .filter((each) => each.endsWith(after) && existsSync(join(PROJECT, each))),
  );
  return [...named, ...byName];
}

/** Direct dependencies of a source file; scripts and other assets belong to the code in their folder. */
function partsOf(file: string): string[] {
  if (!isCode(file)) return [];
  const folder = dirname(file);
  const beside =
    folder === "." ? [] : readdirSync(join(PROJECT, folder)).filter((name) => /\.(sh|css|html)$/.test(name));
  return [...importsOf(file), ...beside.map((name) => join(folder, name)), ...(USES[file] ?? [])].map(normalize);
}
