import { assignments, readScript } from "../../../components/host-script/scriptText.ts";
import { errorTail } from "../../../toolchain/run.ts";
import { LabError } from "../../cli/errors.ts";
import { type Facts, readFacts } from "../facts.ts";
import type { HostSession } from "../session.ts";
import { type EtcdKey, readKeys } from "./keys.ts";

/** Timeout of a script, in seconds, and how much longer its answer may take. */
const SCRIPT_SEC = 120;
const GRACE_SEC = 30;

const TEXTS = {
  backup: new URL("backup.sh", import.meta.url),
  restore: new URL("restore.sh", import.meta.url),
  room: new URL("room.sh", import.meta.url),
};

/** Returns the command that runs a verb of a script about the etcd member of a host; it prints facts. */
export const etcdCommand = (
  script: keyof typeof TEXTS,
  verb: string,
  variables: Readonly<Record<string, string>>,
): string[] => ["sh", "-c", ["set -eu", assignments(variables), readScript(TEXTS[script]), verb].join("\n")];

/**
 * Runs a verb of a script about the etcd member of a host; returns the printed facts. Throws a LabError if it fails.
 */
export async function etcdScript(
  { name, session }: { readonly name: string; readonly session: HostSession },
  script: keyof typeof TEXTS,
  verb: string,
  variables: Readonly<Record<string, string>>,
): Promise<Facts> {
  const bounded = ["timeout", "-k", String(GRACE_SEC), String(SCRIPT_SEC), ...etcdCommand(script, verb, variables)];
  return readFacts(
    await session.run(bounded, (SCRIPT_SEC + 2 * GRACE_SEC) * 1_000).catch((error) => {
      throw new LabError(`${name}: ${errorTail(error, 3)}`);
    }),
  );
}

/** Reads the keys that a script printed under a prefix. */
export function keysIn(facts: Facts, prefix: string, host: string): EtcdKey[] {
  const keys = readKeys(facts.get(`${prefix}.v2`), facts.get(`${prefix}.v3`));
  if (!keys) throw new LabError(`etcd on ${host} did not list its keys; try again`);
  return keys;
}
