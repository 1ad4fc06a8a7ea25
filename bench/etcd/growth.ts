import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Nodes } from "../nodes.ts";
import { project } from "../project.ts";
import { byHand, type EtcdHost } from "./byHand.ts";
import type { Timing } from "./report.ts";

/** Size of the cluster before members are added. */
const FROM = 2;
/** etcd refuses another member until the others have been connected for 5 seconds (`--strict-reconfig-check`). */
const CONNECTED_MS = 6_000;

/** Adds members to a running cluster of two, by its settings and by hand, and takes them out again. */
export async function measureGrowth(
  { addresses, hostKeys, keyFile }: Nodes,
  rounds: number,
  folder: string,
  signal: AbortSignal,
): Promise<Timing[]> {
  const hosts = addresses.map(
    (address, index): EtcdHost => ({ name: `node${index + 1}`, address, hostKey: hostKeys[index] ?? "" }),
  );
  const [first] = hosts;
  if (!first) return [];
  const members = hosts.slice(FROM).map((host) => byHand(first, host, keyFile, signal));
  const healthy = async () => {
    for (const member of members) await member.healthy();
  };
  const work = mkdtempSync(join(folder, "growth-"));
  const { begin, call, end } = project(new URL("cluster", import.meta.url), work, signal);
  const resize = (count: number) => call("up", "--config", `members=${count}`);
  const subjects = {
    async pulumi() {
      const seconds = await timed(() => resize(hosts.length).then(healthy));
      await resize(FROM);
      return seconds;
    },
    async hand() {
      const seconds = await timed(async () => {
        for (const member of members) {
          await member.add();
          await member.healthy();
        }
      });
      for (const member of members.toReversed()) await member.remove();
      return seconds;
    },
  };
  const timings: Timing[] = [];
  await begin({ hosts: JSON.stringify(hosts), keyFile, members: String(FROM) });
  try {
    await call("up");
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? (["pulumi", "hand"] as const) : (["hand", "pulumi"] as const);
      for (const subject of order) {
        await setTimeout(CONNECTED_MS, undefined, { signal });
        const seconds = await subjects[subject]();
        timings.push({ subject, seconds });
        console.log(`${FROM} members become ${hosts.length}, ${subject}: ${seconds.toFixed(2)} s`);
      }
    }
  } finally {
    await end();
    rmSync(work, { recursive: true });
  }
  return timings;
}

/** Duration of some work, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
