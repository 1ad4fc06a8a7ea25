import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../toolchain/run.ts";

/** A disk that is small enough to fill. */
export interface SmallDisk {
  /** Uses all free space. */
  readonly fill: () => void;
  /** Frees it again. */
  readonly empty: () => void;
  /** Moves its content back to the original place. */
  readonly remove: () => Promise<void>;
}

/** Moves a folder with its content to a separate disk, mounted at the same place. */
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
