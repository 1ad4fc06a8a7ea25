import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { keepCopies } from "../../toolchain/copies.ts";
import { run } from "../../toolchain/run.ts";
import { pulumi } from "./pulumi.ts";
import { exportOf } from "./stackExport.ts";

const Exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(
      z.looseObject({
        urn: z.string(),
        inputs: z.record(z.string(), z.unknown()).optional(),
        outputs: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

/** The property of a script's resource that says how it is updated. */
const UPDATE = "update";

/** An exported state in which these scripts have another update, so that the next `up` updates them: it runs their `up` again. */
export function withStale(exported: unknown, urns: readonly string[]): unknown {
  const { deployment, ...rest } = Exported.parse(exported);
  const resources = deployment.resources.map((each) => {
    const { inputs = {}, outputs = {} } = each;
    if (!urns.includes(each.urn) || !(UPDATE in inputs)) return each;
    return { ...each, inputs: { ...inputs, [UPDATE]: "stale" }, outputs: { ...outputs, [UPDATE]: "stale" } };
  });
  return { ...rest, deployment: { ...deployment, resources } };
}

/**
 * Runs the `up` of scripts again in one update, with all that depends on what they print; returns its exit code. A replacement would
 * run their `down` before, by which an engine leaves its swarm. Secrets stay encrypted.
 */
export async function rerun(environment: string, urns: readonly string[]): Promise<number> {
  keepCopies();
  const text = await run("pulumi", [...exportOf(environment), "--non-interactive"]);
  const folder = mkdtempSync(join(tmpdir(), "dockernet-rerun-"));
  try {
    const file = join(folder, "state.json");
    writeFileSync(file, JSON.stringify(withStale(JSON.parse(text), urns)), { mode: 0o600 });
    await run("pulumi", ["stack", "import", "--file", file, "--stack", environment, "--non-interactive"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return pulumi(environment, ["up"]);
}
