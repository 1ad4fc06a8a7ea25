import assert from "node:assert/strict";
import { run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import { addOverlay, type NodesLab } from "./worlds.ts";

const UP = "pulumi up";
const up = (lab: NodesLab) => must(lab.up());

/** Runs an `up` that adds the overlay lab, and calls `then` as soon as a step starts. */
async function addUntil(
  lab: NodesLab,
  step: RegExp,
  then: (running: ReturnType<NodesLab["begin"]>) => Promise<unknown>,
): Promise<string> {
  addOverlay(lab);
  const running = lab.begin("up");
  await running.saw(step);
  await then(running);
  return (await running.ended).text;
}

const SECOND_MEMBER = /Command etcd-docker-node2\S* creating/;

export const nodeFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R07",
    title: "SIGINT while the second etcd member is created",
    protects: "the data and the token of the first member",
    inject: async (lab) => ({ said: await addUntil(lab, SECOND_MEMBER, async (running) => running.signal("SIGINT")) }),
    says: [/\^C received; cancelling/, /error: update (canceled|failed)/],
    way: UP,
    heal: up,
  },
  {
    id: "R23",
    title: "restart of a node while etcd is set up on it",
    protects: "no incomplete resource is used",
    inject: async (lab) => ({
      said: await addUntil(lab, SECOND_MEMBER, () => run("docker", ["restart", lab.node(2)])),
    }),
    says: [/error|created/],
    way: UP,
    heal: up,
  },
  {
    id: "R42",
    title: "data of an old cluster's member on a node",
    protects: "the old data",
    inject: async (lab) => {
      const folder = "/var/lib/dockernet-etcd-docker-node2";
      await lab.on(
        2,
        "sh",
        "-c",
        `mkdir ${folder}; echo etcd-cluster-of-before >${folder}/token; echo old >${folder}/data`,
      );
      addOverlay(lab);
      const { code, text } = await lab.up();
      assert.notEqual(code, 0, text);
      assert.equal(await lab.on(2, "cat", `${folder}/data`), "old");
      return { said: text, end: () => lab.on(2, "rm", "-r", folder) };
    },
    says: [
      /docker-node2/,
      /has the data of another cluster \(etcd-cluster-of-before\); destroy that one, or remove its data/,
    ],
    way: UP,
    heal: up,
  },
  {
    id: "R44",
    title: "SIGKILL of a node's engine while the overlay network is created",
    protects: "networks stay in the state",
    inject: async (lab) => ({
      said: await addUntil(lab, /Command tiny-docker-node\S* creating/, () =>
        lab.on(1, "sh", "-c", "kill -9 $(pidof dockerd)"),
      ),
    }),
    says: [/error|created/],
    way: UP,
    heal: up,
  },
  {
    id: "R54",
    title: "engine too new for a cluster store",
    protects: "the engine's configuration",
    inject: async (lab) => {
      const shim = "/usr/local/bin/docker";
      const config = () =>
        lab.on(1, "sh", "-c", "cat /etc/docker/daemon.json 2>&1; ls /etc/systemd/system/docker.service.d 2>&1");
      const before = await config().catch(() => "none");
      await lab.on(1, "sh", "-c", `printf '#!/bin/sh\\necho 28.0.4\\n' >${shim}; chmod +x ${shim}`);
      addOverlay(lab);
      const { code, text } = await lab.up();
      assert.notEqual(code, 0, text);
      assert.equal(await config().catch(() => "none"), before);
      return { said: text, end: () => lab.on(1, "rm", shim) };
    },
    says: [
      /@docker-node1/,
      /it is version 28\.0\.4, and Docker dropped cluster stores in 23\.0: use 20\.10, or Swarm mode/,
    ],
    way: UP,
    heal: up,
  },
  {
    id: "R62",
    title: "destroy after a node was removed",
    protects: "everything else is removed",
    inject: async (lab) => {
      addOverlay(lab);
      await must(lab.up());
      await run("docker", ["rm", "--force", "--volumes", lab.node(2)]);
      return { said: (await lab.ask("verify")).text };
    },
    says: [/the engine of docker-node2 does not answer/],
    way: "pulumi destroy",
    heal: async (lab) => {
      const { seconds } = await must(lab.destroy());
      assert.ok(seconds < 90, `it took ${seconds} s`);
    },
    outcome: "gone",
  },
];
