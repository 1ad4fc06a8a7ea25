import assert from "node:assert/strict";
import { run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import { managerSays, prints, type SwarmLab, seen } from "./swarmWorld.ts";

export const RECOVER = "lab recover ENV --yes";
export const recover = (lab: SwarmLab) => must(lab.ask("recover", "--yes"));
/** What every fault of a swarm must keep. */
export const KEEPS = "the hits of the counter, the swarm, a user's service";
/** The check of the nodes. */
export const NODES = "11.1-nodes";
const ROLES = ["11.1"];

/** Where an engine keeps what makes it a node of a swarm. */
const DATA = "/var/lib/docker/swarm";

/** Changes the data of engines while they are stopped. */
export const changed = (lab: SwarmLab, numbers: readonly number[], script: string): Promise<unknown> =>
  Promise.all(
    numbers.map((number) =>
      lab.sh(number, `systemctl stop docker.socket docker && { ${script}; } && systemctl start docker.socket docker`),
    ),
  );

/** Loses the data of the swarm on nodes: their engines and all else are as before. */
async function forget(lab: SwarmLab, numbers: readonly number[]): Promise<undefined> {
  await changed(lab, numbers, `rm -r ${DATA}`);
  for (const number of numbers) await prints(lab, number, STATE, /^inactive$/);
}

/** What an engine says that it is in a swarm. */
export const STATE = "docker info --format '{{.Swarm.LocalNodeState}}'";
/** What a manager says as long as there is no majority. */
const NO_LEADER = /does not have a leader|deadline exceeded/;

export const off = async (lab: SwarmLab, ...numbers: number[]) => {
  await run("docker", ["kill", ...numbers.map(lab.node)]);
  return () => run("docker", ["start", ...numbers.map(lab.node)]);
};

/**
 * The repair after the engines of these nodes have started again. Of an engine that is killed, or starts before the swarm has a leader,
 * containers that are no tasks may stay down.
 */
export const startedAgain = (...nodes: number[]) => ({
  way: RECOVER,
  heal: async (lab: SwarmLab) => {
    for (const node of nodes) await managerSays(lab, 1, node, "ready");
    await recover(lab);
  },
});

export const managerFaults: readonly Fault<SwarmLab>[] = [
  {
    id: "S01",
    title: "one of three managers powered off",
    protects: `${KEEPS}; the application answers, and services can be changed`,
    inject: seen(ROLES, [NODES], async (lab) => {
      const end = await off(lab, 3);
      await managerSays(lab, 1, 3, "down");
      await lab.visited();
      await lab.sh(
        1,
        "docker service update --detach --env-add X=1 mine && docker service update --detach --env-rm X mine",
      );
      return end;
    }),
    says: [/docker-node3 is down, docker-node3 is unreachable/, /Cause: .*docker-node3 does not answer/],
    way: "nothing",
  },
  {
    id: "S02",
    title: "two of three managers powered off: no quorum",
    protects: `${KEEPS}; the application answers`,
    inject: seen(ROLES, [NODES], async (lab) => {
      const end = await off(lab, 2, 3);
      await prints(lab, 1, "timeout 60 docker node ls", NO_LEADER);
      await lab.visited();
      return end;
    }),
    says: [/no quorum: 1 of 3 answer \(docker-node1\), 2 must/, /Cause: .*no quorum/],
    ...startedAgain(2, 3),
  },
  {
    id: "S03",
    title: "two of three managers lost the data of the swarm",
    protects: `${KEEPS}; the application answers`,
    inject: seen(ROLES, [NODES], async (lab) => {
      await forget(lab, [2, 3]);
      await prints(lab, 1, "timeout 60 docker node ls", NO_LEADER);
      await lab.visited();
      return undefined;
    }),
    says: [/no quorum: 1 of 3 answer \(docker-node1\), 2 must/, /Cause: .*no quorum/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S04",
    title: "the first manager lost the data of the swarm",
    protects: `${KEEPS}; no second swarm is made`,
    inject: seen(ROLES, [NODES], async (lab) => {
      await forget(lab, [1]);
      await managerSays(lab, 2, 1, "down");
      return undefined;
    }),
    says: [/docker-node1 is down, docker-node1 is unreachable/, /Cause: .*docker-node1 is in no swarm/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S05",
    title: "data of one of three managers damaged (write-ahead log of Raft)",
    protects: KEEPS,
    inject: seen(ROLES, [NODES], async (lab) => {
      const damage = `for wal in ${DATA}/raft/wal-v3-encrypted/*.wal; do
          dd if=/dev/urandom of="$wal" bs=1 seek=2000 count=4000 conv=notrunc 2>/dev/null; done`;
      await changed(lab, [3], damage);
      await prints(lab, 3, STATE, /^error$/);
      await managerSays(lab, 1, 3, "down");
      return undefined;
    }),
    says: [
      /docker-node3 is down, docker-node3 is unreachable/,
      /Cause: .*docker-node3 .*swarm.*: .*(wal|raft|CRC|crc)/,
    ],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S06",
    title: "a manager demoted by hand",
    protects: KEEPS,
    inject: seen(ROLES, [NODES], async (lab) => {
      await lab.sh(1, "docker node demote docker-node2");
      await prints(lab, 2, "docker info --format '{{.Swarm.ControlAvailable}}'", /^false$/);
      return undefined;
    }),
    says: [/docker-node2 is a worker/, /Cause: .*docker-node2 is a worker, the lab has a manager: .*by hand/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S07",
    title: "the engines of all nodes stopped at once",
    protects: KEEPS,
    inject: seen(["11.1", "11.4"], [NODES], async (lab) => {
      const all = [1, 2, 3, 4];
      await Promise.all(all.map((number) => lab.sh(number, "systemctl stop docker.socket docker")));
      for (const number of all) assert.equal(await lab.sh(number, "pidof dockerd || echo none"), "none");
      return () => Promise.all(all.map((number) => lab.sh(number, "systemctl start docker.socket docker")));
    }),
    says: [/11\.4 +FAILED/, /Cause: .*engine of docker-node1 does not answer|Cannot connect to the Docker daemon/],
    way: "nothing",
  },
  {
    id: "S08",
    title: "the first manager cut off from the other managers, and back",
    protects: `${KEEPS}; the others decide, and all agree afterwards`,
    inject: seen(ROLES, [NODES], async (lab) => {
      const others = await Promise.all([2, 3].map(lab.address));
      const each = (verb: string) =>
        others
          .map(
            (address) => `iptables ${verb} INPUT -s ${address} -j DROP; iptables ${verb} OUTPUT -d ${address} -j DROP`,
          )
          .join("; ");
      await lab.sh(1, each("--insert"));
      await managerSays(lab, 2, 1, "down");
      await prints(lab, 1, "timeout 60 docker node ls", NO_LEADER);
      return () => lab.sh(1, each("--delete"));
    }),
    says: [
      /docker-node1 is down, docker-node1 is unreachable/,
      /Cause: .*on docker-node1.*iptables.* has a rule .*DROP/,
    ],
    way: "nothing",
  },
];
