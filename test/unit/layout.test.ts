import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { importsOf } from "../changed.ts";

/** The folders of lab/ below the verbs, each with the others that it may import from. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  topology: [],
  host: ["cli"],
  state: ["host", "cli"],
  faults: ["host", "state", "cli"],
  checks: ["host", "cli", "faults"],
  // Output formats use the type of a result.
  cli: ["checks"],
};
/** Files of a verb that import from another verb's folder, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "lab/commands/recover/leftovers.ts":
    "recover removes what the state does not know as sweep does, and by the same rules",
};

const FOLDERS = ["components", "stacks", "lab", "toolchain", "test", "docs", "bench"];
const files = [
  "index.ts",
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  ),
].filter((file) => /\.c?(ts|js)$/.test(file));

type Import = readonly [file: string, imported: string];
const imports = files.flatMap((file) => importsOf(file).map((imported): Import => [file, imported]));

/** The folder of lab/ that a file is in, for a verb's with `commands/`; undefined for other files. */
const folderOf = (file: string): string | undefined => /^lab\/(commands\/[^/]+|[^/]+)\//.exec(file)?.[1];
const isVerb = (folder: string | undefined): boolean => folder?.startsWith("commands/") ?? false;
const told = (found: readonly Import[]) => found.map(([file, imported]) => `${file} imports ${imported}`);

describe("the layout of the sources", () => {
  it("has imports that can be parsed", () => {
    assert.ok(imports.length > 500);
    const importable = [...files, "package.json"];
    assert.deepEqual(told(imports.filter(([, imported]) => !importable.includes(imported))), []);
  });

  it("lists every folder of lab/", () => {
    const folders = new Set(files.flatMap((file) => /^lab\/([^/]+)\//.exec(file)?.[1] ?? []));
    assert.deepEqual([...folders].sort(), ["commands", ...Object.keys(ROOMS)].sort());
  });

  it("lets no folder below the verbs import from a verb's, or from one above it", () => {
    const upward = imports.filter(([file, imported]) => {
      const [from, to] = [folderOf(file), folderOf(imported)];
      return from !== undefined && from in ROOMS && from !== to && !(to !== undefined && ROOMS[from]?.includes(to));
    });
    assert.deepEqual(told(upward.filter(([, imported]) => imported.startsWith("lab/"))), []);
  });

  it("lets no verb import from another one's folder without a reason", () => {
    const across = imports.filter(([file, imported]) => {
      const [from, to] = [folderOf(file), folderOf(imported)];
      return isVerb(from) && isVerb(to) && from !== to;
    });
    assert.deepEqual(told(across.filter(([file]) => !(file in EXCEPTIONS))), []);
    const used = new Set(across.map(([file]) => file));
    assert.deepEqual(
      Object.keys(EXCEPTIONS).filter((file) => !used.has(file)),
      [],
    );
  });

  it("lets components import from neither stacks nor lab, and stacks not from lab", () => {
    const wrong = (from: string, to: RegExp) =>
      told(imports.filter(([file, imported]) => file.startsWith(from) && to.test(imported)));
    assert.deepEqual(wrong("components/", /^(stacks|lab|test)\//), []);
    assert.deepEqual(wrong("stacks/", /^(lab|test)\//), []);
    assert.deepEqual(wrong("toolchain/", /^(lab|test)\//), []);
    assert.deepEqual(wrong("lab/", /^test\//), []);
  });

  it("has no import cycles", () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
      if (trail.includes(file) || done.has(file)) return;
      for (const imported of importsOf(file)) walk(imported, [...trail, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    assert.deepEqual(circles, []);
  });
});
