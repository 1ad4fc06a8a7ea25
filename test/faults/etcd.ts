import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { attempt, run } from "../../toolchain/run.ts";
import type { Fault, Incident } from "./fault.ts";
import { firewall } from "./firewall.ts";
import { must } from "./lab.ts";
import { eventually } from "./strike.ts";
import type { NodesLab } from "./worlds.ts";

/** Output of `lab verify` while something is wrong. */
async function verified(lab: NodesLab): Promise<string> {
  const { code, text } = await lab.ask("verify");
  assert.equal(code, 1, text);
  return text;
}

/** The unit of a node's member. */
export const unit = (number: number) => `dockernet-etcd-docker-node${number}`;
/** Traffic between members, in both directions. */
export const PEERS = ["--protocol", "tcp", "--match", "multiport", "--ports", "2380"];

/** Runs commands on a node. */
export const onNode =
  (lab: NodesLab, number: number) =>
  (...command: string[]) =>
    lab.on(number, ...command);

const restarted =
  (...numbers: number[]) =>
  async (lab: NodesLab): Promise<Incident> => {
    await run("docker", ["stop", ...numbers.map(lab.node)]);
    const said = await verified(lab);
    return { said, end: () => run("docker", ["start", ...numbers.map(lab.node)]) };
  };

export const overlayFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R24",
    title: "restart of a node",
    protects: "etcd's keys and the network's id",
    inject: restarted(1),
    says: [/docker-node1/, /\d+ failed/],
    way: "nothing",
  },
  {
    id: "R25",
    title: "restart of all nodes at once",
    protects: "etcd's keys and the network's id",
    inject: restarted(1, 2),
    says: [/\b0 passed/],
    way: "nothing",
  },
  {
    id: "R27",
    title: "one of two etcd members stopped",
    protects: "etcd's keys; containers still reach each other",
    inject: async (lab) => {
      await lab.on(2, "systemctl", "stop", unit(2));
      const said = await verified(lab);
      assert.doesNotMatch(said, /^9\.8 +FAILED .*(by its name|full size)/m, "containers do not talk any more");
      return { said, end: () => lab.on(2, "systemctl", "start", unit(2)) };
    },
    says: [/no quorum: 1 of 2 members answer docker-node1, and 2 tolerate 0 failures/],
    way: "nothing",
  },
  {
    id: "R37",
    title: "partition between the etcd members",
    protects: "etcd's keys; all engines show the same networks afterwards",
    inject: async (lab) => {
      const cut = ["INPUT", "OUTPUT"].map((chain) => [chain, ...PEERS, "--jump", "DROP"]);
      const end = await firewall(onNode(lab, 2), ...cut);
      await setTimeout(3000); // an election timeout, after which there is no leader
      return { said: await verified(lab), end };
    },
    says: [/no quorum/],
    way: "nothing",
  },
  {
    id: "R53",
    title: "crash of a node with containers on the overlay",
    protects: "endpoints of running containers",
    inject: async (lab) => {
      await run("docker", ["kill", lab.node(2)]);
      return { said: await verified(lab), end: () => run("docker", ["start", lab.node(2)]) };
    },
    says: [/docker-node2/, /\d+ failed/],
    way: "nothing",
  },
];

/** Writes numbers to etcd through a member until stopped; then returns the acknowledged ones. */
function writer(lab: NodesLab, number: number): () => Promise<number[]> {
  const acknowledged: number[] = [];
  let writing = true;
  const done = (async () => {
    for (let n = 1; writing; n += 1) {
      const url = `http://127.0.0.1:2379/v2/keys/written/${n}`;
      const put = ["timeout", "5", "curl", "-fsS", "-m", "3", "-X", "PUT", "-d", `value=${n}`, url];
      if ((await attempt("docker", ["exec", lab.node(number), ...put])) !== undefined) acknowledged.push(n);
    }
  })();
  return async () => {
    writing = false;
    await done;
    return acknowledged;
  };
}

/** Causes a fault while numbers are written through the first node, and compares the acknowledged ones with etcd's. */
export const underWrites =
  (cause: (lab: NodesLab) => Promise<() => Promise<unknown>>, holdMs: number) =>
  async (lab: NodesLab): Promise<Incident> => {
    const stop = writer(lab, 1);
    await setTimeout(1000);
    const caused = async () => {
      const end = await cause(lab);
      await setTimeout(holdMs);
      return { end, said: (await lab.ask("verify")).text };
    };
    const { end, said } = await caused().catch(async (error) => {
      await stop();
      throw error;
    });
    return {
      said,
      end: async () => {
        await end();
        await setTimeout(2000);
        const acknowledged = await stop();
        assert.ok(acknowledged.length > 3, `only ${acknowledged.length} writes were acknowledged`);
        const text = await lab.on(1, "curl", "-fsS", "-m", "5", "http://127.0.0.1:2379/v2/keys/written?quorum=true");
        const there = new Set((JSON.parse(text).node.nodes as { value: string }[]).map(({ value }) => Number(value)));
        const lost = acknowledged.filter((n) => !there.has(n));
        await lab.on(
          1,
          "curl",
          "-fsS",
          "-m",
          "5",
          "-X",
          "DELETE",
          "http://127.0.0.1:2379/v2/keys/written?recursive=true",
        );
        assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.length} acknowledged writes are lost`);
      },
    };
  };

/** Number of the node with the leader. */
export async function leader(lab: NodesLab): Promise<number> {
  for (const number of [1, 2, 3]) {
    const text = await attempt("docker", [
      "exec",
      lab.node(number),
      "curl",
      "-fsS",
      "-m",
      "3",
      "http://127.0.0.1:2379/v2/stats/self",
    ]);
    if (text && JSON.parse(text).state === "StateLeader") return number;
  }
  throw new Error("no member is the leader");
}

export const KEEPS = "every acknowledged write";

export const clusterFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R28",
    title: "one of three etcd members stopped, under writes",
    protects: KEEPS,
    inject: underWrites(async (lab) => {
      await lab.on(3, "systemctl", "kill", "--signal", "KILL", unit(3));
      await lab.on(3, "systemctl", "stop", unit(3));
      return () => lab.on(3, "systemctl", "start", unit(3));
    }, 2000),
    says: [/2 of 3 members answer docker-node1/],
    way: "nothing",
  },
  {
    id: "R29",
    title: "leader of three members killed, under writes",
    protects: KEEPS,
    inject: underWrites(async (lab) => {
      const number = await leader(lab);
      await lab.on(number, "systemctl", "kill", "--signal", "KILL", unit(number));
      return async () => undefined;
    }, 3000),
    says: [/\d+ passed/],
    way: "nothing",
  },
  {
    id: "R38",
    title: "one direction cut, and 30 % of packets lost, under writes",
    protects: KEEPS,
    inject: underWrites(async (lab) => {
      const cut = await firewall(onNode(lab, 3), ["INPUT", ...PEERS, "--jump", "DROP"]);
      const random = ["--match", "statistic", "--mode", "random", "--probability", "0.3"];
      const lossy = await firewall(onNode(lab, 2), ["INPUT", ...PEERS, ...random, "--jump", "DROP"]);
      return () => Promise.all([cut(), lossy()]);
    }, 5000),
    says: [/\d+ passed/],
    way: "nothing",
  },
];

/** Time until new engines know each other's containers, in seconds. */
const SETTLING_SEC = 45;

/** Changes the number of nodes, and so of members. All checks must pass, and a second preview must show no change. */
const resize = async (lab: NodesLab, nodes: number): Promise<void> => {
  lab.environment.settle({ labs: ["overlay"], overlay: { nodes } });
  await must(lab.up());
  const { left } = await eventually(lab.problems, SETTLING_SEC);
  assert.deepEqual(left, [], `with ${nodes} nodes`);
};

export const sizeFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R39",
    title: "cluster grown from one member to three and five, under writes",
    protects: KEEPS,
    inject: underWrites(async (lab) => {
      await resize(lab, 3);
      await resize(lab, 5);
      return () => resize(lab, 1);
    }, 0),
    says: [/5 of 5 members answer docker-node1/],
    way: "nothing",
  },
  {
    id: "R40",
    title: "cluster shrunk from five members to three and one, under writes",
    protects: KEEPS,
    inject: underWrites(async (lab) => {
      await resize(lab, 5);
      await resize(lab, 3);
      await resize(lab, 1);
      return async () => undefined;
    }, 0),
    says: [/1 of 1 members answer docker-node1/],
    way: "nothing",
  },
];
