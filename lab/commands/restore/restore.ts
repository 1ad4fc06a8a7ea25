import { LabError } from "../../cli/errors.ts";
import { type Context, environmentHost } from "../../faults/context.ts";
import { membersOf } from "../../faults/host.ts";
import { differences, readableKey, readKeys } from "../../host/etcd/keys.ts";
import { etcdScript, keysIn } from "../../host/etcd/script.ts";
import type { Facts } from "../../host/facts.ts";
import type { HostSession } from "../../host/session.ts";
import type { Backup } from "../../state/etcdBackup.ts";
import type { MemberLook } from "./plan.ts";

/** An etcd member and its host. */
export interface Target {
  readonly name: string;
  readonly peer: string;
  readonly session: HostSession;
}

/** The members of an environment's cluster, each on its host. */
export const targetsOf = (context: Context): Target[] =>
  membersOf(context).map(({ name, on, peer }) => ({ name, peer, session: environmentHost(context, on).session }));

/** Length of a part of the copy in a command, in base64: an argument is limited to 128 KiB (execve(2)). */
const PART_LENGTH = 90_000;

const on = (target: Target, verb: string, variables: Readonly<Record<string, string>> = {}): Promise<Facts> =>
  etcdScript(target, "restore", verb, { NAME: target.name, ...variables });

/** Inspects a member; changes nothing. */
export async function lookAt(target: Target): Promise<MemberLook> {
  const { get } = await on(target, "look");
  const written = get("written");
  return {
    name: target.name,
    peer: target.peer,
    version: get("version") ?? "",
    token: get("token") ?? "",
    free: Number(get("free") ?? 0),
    written: written === undefined ? undefined : new Date(Number(written) * 1_000),
    complaint: get("complaint") ?? "",
    running: get("running") === "yes",
    healthy: get("healthy") === "yes",
    keys: readKeys(get("own.v2"), get("own.v3")),
  };
}

/** Restores a backup on all members. On failure, puts the previous data back and throws a LabError. */
export async function restore(
  targets: readonly Target[],
  { keys, data }: Backup,
  report: (line: string) => void,
): Promise<void> {
  const [first, ...others] = targets;
  if (!first) return;
  const STAMP = new Date().toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
  report(`sending the backup to ${first.name}`);
  await send(first, data, STAMP);
  const halted: Target[] = [];
  try {
    for (const target of targets) {
      const aside = (await on(target, "halt", { STAMP })).get("aside");
      halted.push(target);
      report(`stopped ${target.name}${aside ? `; its data is in ${aside}` : ", which has no data"}`);
    }
    const found = keysIn(await on(first, "first", { STAMP }), "restored", first.name);
    const [missing] = [...differences(keys, found), ...differences(found, keys)];
    if (missing)
      throw new LabError(`${first.name} started without the key ${readableKey(missing)} as the backup has it`);
    report(`${first.name} runs from the backup, with each of its ${keys.length} keys`);
    for (const target of others) {
      const INITIAL = (await on(first, "add", { JOINER: target.name, PEER: target.peer })).get("initial") ?? "";
      await on(target, "join", { STAMP, INITIAL });
      report(`${target.name} has joined`);
    }
    for (const target of targets) await on(target, "finish");
  } catch (error) {
    await putBack(targets, halted, STAMP, report);
    throw new LabError(`the restore failed, and the data of before was put back: ${(error as Error).message}`);
  }
  await on(first, "drop", { STAMP });
}

async function send(target: Target, data: Buffer, STAMP: string): Promise<void> {
  const text = data.toString("base64");
  try {
    for (let at = 0; at < text.length; at += PART_LENGTH) {
      await on(target, "part", { STAMP, PART: text.slice(at, at + PART_LENGTH) });
    }
  } catch (error) {
    await on(target, "drop", { STAMP }).catch(() => undefined);
    throw error;
  }
}

async function putBack(
  targets: readonly Target[],
  halted: readonly Target[],
  STAMP: string,
  report: (line: string) => void,
): Promise<void> {
  for (const target of targets) {
    const verb = halted.includes(target) ? "put_back" : "start_member";
    await on(target, verb, { STAMP }).catch((error) =>
      report(`${target.name} could not be put back: ${error.message}`),
    );
  }
}
