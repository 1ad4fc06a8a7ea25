import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { build, goProgramNamed } from "../../toolchain/build.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/run.ts";
import { leader, onNode, PEERS, unit } from "./etcd.ts";
import { firewall } from "./firewall.ts";
import { type Operation, readLocally, startClients, takesPart } from "./historyClients.ts";
import { type HistoryResult, type Phase, phaseOf } from "./historyResults.ts";
import { must } from "./lab.ts";
import { makeClusterLab, type NodesLab } from "./worlds.ts";

/** Client URLs of the members, in the order of their nodes. */
type Urls = readonly string[];

const Verdict = z.object({
  verdict: z.enum(["linearizable", "not linearizable", "undecided"]),
  operations: z.number(),
});
const FOLDER = join(PROJECT, ".dockernet", "history");
const CALM_MS = 8000;
/** How long a member is stopped, or cut off: several election timeouts. */
const HOLD_MS = 8000;
const SETTLING_MS = 60_000;

/** Something that is done to the cluster while clients work. */
interface Disturbance {
  readonly title: string;
  /** Returns serializable reads of a member that does not know of later writes. */
  readonly cause: (lab: NodesLab, urls: Urls) => Promise<readonly Operation[]>;
}

const killed = async (lab: NodesLab, number: number) => {
  await lab.on(number, "systemctl", "kill", "--signal", "KILL", unit(number));
};

const NOTHING: Disturbance = {
  title: "nothing",
  cause: async () => {
    await setTimeout(CALM_MS);
    return [];
  },
};

/** The second time they meet another leader, mostly. */
const TIMES = 2;

const DISTURBANCES: readonly Disturbance[] = [
  {
    title: "the leader killed (SIGKILL), restarted by systemd",
    cause: async (lab) => {
      await killed(lab, await leader(lab));
      await setTimeout(CALM_MS);
      return [];
    },
  },
  {
    title: "another member killed, and started again after 8 s",
    cause: async (lab) => {
      const number = ((await leader(lab)) % 3) + 1;
      await killed(lab, number);
      await lab.on(number, "systemctl", "stop", unit(number));
      await setTimeout(HOLD_MS);
      await lab.on(number, "systemctl", "start", unit(number));
      return [];
    },
  },
  {
    title: "the leader cut off from the others for 8 s",
    cause: async (lab, urls) => {
      const number = await leader(lab);
      const cut = ["INPUT", "OUTPUT"].map((chain) => [chain, ...PEERS, "--jump", "DROP"]);
      const heal = await firewall(onNode(lab, number), ...cut);
      try {
        await setTimeout(HOLD_MS);
        // Still cut off, it answers with what it has. The number is none of the clients'.
        return await readLocally(100, urls[number - 1] ?? "");
      } finally {
        await heal();
      }
    },
  },
  {
    title: "the leader replaced (pulumi up --replace): it leaves, and joins without data",
    cause: async (lab) => {
      await replaced(lab, await leader(lab));
      return [];
    },
  },
];

/** Replaces the script of a node's member, which then has another id. */
async function replaced(lab: NodesLab, number: number): Promise<void> {
  const idOf = async () => {
    const list = await lab.on(number, "env", "ETCDCTL_API=3", "etcdctl", "member", "list");
    return list.split("\n").find((line) => line.includes(`docker-node${number},`));
  };
  const before = await idOf();
  await must(
    lab.up("--replace", `**EtcdMember$command:remote:Command::etcd-docker-node${number}@docker-node${number}`),
  );
  if ((await idOf()) === before) throw new Error(`the member of docker-node${number} was not replaced: ${before}`);
}

/**
 * Records what clients of a cluster of three practice nodes see while its members are lost, cut off and replaced, and looks
 * whether that is linearizable. As a control, so must not be the same history with stale reads.
 */
export async function makeHistory(told: (line: string) => void): Promise<HistoryResult> {
  const checker = await build(goProgramNamed("linearizable"), { log: told });
  const at = new Date().toISOString();
  const began = performance.now();
  const lab = await makeClusterLab();
  try {
    const urls = await clientUrls(lab);
    const { operations, stale, phases } = await disturb(lab, urls, told);
    const problems = await lab.problems();
    const checked = performance.now();
    const verdict = await judge(checker, "history", operations);
    const checkSec = (performance.now() - checked) / 1000;
    const control = await judge(checker, "control", [...operations, ...stale]);
    const seconds = (performance.now() - began) / 1000;
    return { id: "etcd", at, seconds, phases, stale: stale.length, verdict, control, checkSec, problems };
  } finally {
    await lab.close();
  }
}

async function disturb(lab: NodesLab, urls: Urls, told: (line: string) => void) {
  const clients = startClients(urls);
  const [phases, stale]: [Phase[], Operation[]] = [[], []];
  try {
    for (const { title, cause } of [NOTHING, ...Array.from({ length: TIMES }, () => DISTURBANCES).flat()]) {
      const began = performance.now();
      stale.push(...(await cause(lab, urls)));
      await settled(urls);
      const phase = phaseOf(title, clients.operations, began, performance.now());
      told(`${title}: ${phase.answered} operations in ${phase.seconds.toFixed(1)} s`);
      phases.push(phase);
    }
  } finally {
    await clients.stop();
  }
  return { operations: clients.operations, stale, phases };
}

async function clientUrls(lab: NodesLab): Promise<Urls> {
  const { checks } = await lab.environment.outputs();
  const members = checks.flatMap((check) => (check.kind === "quorum" ? [check.members] : []))[0] ?? {};
  return [1, 2, 3].map((number) => {
    const url = members[`docker-node${number}`];
    if (url === undefined) throw new Error(`no member on docker-node${number}`);
    return url;
  });
}

/** Waits until every member takes part in the quorum. */
async function settled(urls: Urls): Promise<void> {
  const end = performance.now() + SETTLING_MS;
  while (!(await Promise.all(urls.map(takesPart))).every(Boolean)) {
    if (performance.now() > end) throw new Error("a member does not take part again");
    await setTimeout(200);
  }
}

/** The checker's verdict; it draws a picture of a history that is not linearizable. */
async function judge(
  checker: string,
  name: string,
  operations: readonly Operation[],
): Promise<HistoryResult["verdict"]> {
  mkdirSync(FOLDER, { recursive: true });
  const input = JSON.stringify(operations);
  writeFileSync(join(FOLDER, `${name}.json`), input);
  return Verdict.parse(JSON.parse(await run(checker, [join(FOLDER, `${name}.html`)], { input }))).verdict;
}
