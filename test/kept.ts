import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";

/** The last result of each id in this checkout, in a file that Git ignores. */
export function keptIn<T extends { readonly id: string }>(name: string) {
  const file = join(PROJECT, ".dockernet", name);
  const all = (): T[] => {
    try {
      return JSON.parse(readFileSync(file, "utf8"));
    } catch {
      return []; // no results yet
    }
  };
  /** Stores a result, replacing an older one with the same id. */
  const keep = (result: T): void => {
    const others = all().filter(({ id }) => id !== result.id);
    mkdirSync(dirname(file), { recursive: true });
    writeJson(
      file,
      [...others, result].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  };
  return { all, keep };
}

export const writeJson = (file: string, results: readonly unknown[]): void =>
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
