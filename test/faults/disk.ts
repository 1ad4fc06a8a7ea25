import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../toolchain/run.ts";

/** A disk that is small enough to be filled. */
export interface SmallDisk {
  /** Takes all of the space that is left. */
  readonly fill: () => void;
  /** Gives it back. */
  readonly empty: () => void;
  /** Puts what is on it back where it was. */
  readonly remove: () => Promise<void>;
}

/** Puts a folder with all that it has on a disk of its own, at the same place. */
export async function smallDisk(folder: string): Promise<SmallDisk> {
  const kept = mkdtempSync(join(tmpdir(), "dockernet-disk-"));
  const copy = (from: string, to: string) => cpSync(from, to, { recursive: true });
  copy(folder, kept);
  await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  copy(kept, folder);
  const filler = join(folder, "filler");
  return {
    fill: () => {
      const page = Buffer.alloc(4096);
      try {
        for (;;) writeFileSync(filler, page, { flag: "a" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove: async () => {
      rmSync(filler, { force: true });
      rmSync(kept, { recursive: true });
      mkdirSync(kept);
      copy(folder, kept);
      await run("umount", [folder]);
      for (const each of readdirSync(folder)) rmSync(join(folder, each), { recursive: true });
      copy(kept, folder);
      rmSync(kept, { recursive: true });
    },
  };
}
