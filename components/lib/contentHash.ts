import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** A short hash of the names and contents of all files below a folder. */
export function contentHash(folder: string, salt = ""): string {
  const hash = createHash("sha256").update(salt);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    hash.update(`\0${relative(folder, file).split(sep).join("/")}\0`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}
