import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interruption } from "./interruption.ts";

/** Runs a benchmark with a scratch folder, which is removed afterwards, and a signal that aborts when it is interrupted. */
export async function inScratch(body: (work: string, signal: AbortSignal) => Promise<void>): Promise<void> {
  const signal = interruption();
  const work = mkdtempSync(join(tmpdir(), "dockernet-bench-"));
  try {
    await body(work, signal);
  } finally {
    rmSync(work, { recursive: true });
  }
}
