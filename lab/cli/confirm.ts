import { createInterface } from "node:readline/promises";

/** Asks for confirmation on a terminal; without a terminal, the answer is no. */
export async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.log("Nothing changed: not a terminal; pass --yes to confirm");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await terminal.question("\nProceed? [y/N] "));
  } finally {
    terminal.close();
  }
}
