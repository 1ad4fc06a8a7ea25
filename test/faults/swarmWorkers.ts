import assert from "node:assert/strict";
import type { Fault } from "./fault.ts";
import { changed, KEEPS, NODES, off, RECOVER, recover, STATE, startedAgain } from "./swarmManagers.ts";
import { managerSays, prints, type SwarmLab, seen } from "./swarmWorld.ts";

const ROWS = ["11.1", "11.4"];
const WEB = "11.4-web";
/** A drop-in of the unit of an engine, until the node restarts. */
const DROP_IN = "/run/systemd/system/docker.service.d";
/** Where an engine keeps what it writes for each container. */
const CONTAINERS = "/var/lib/docker/containers";
/** The task of the front end on a node. */
const TASK = "$(docker ps --quiet --filter label=com.docker.swarm.service.name=web)";
const LEAVE = "docker swarm leave --force";

export const workerFaults: readonly Fault<SwarmLab>[] = [
  {
    id: "S09",
    title: "the worker's engine killed (SIGKILL), and not started again",
    protects: `${KEEPS}; the application answers`,
    inject: seen(ROWS, [NODES], async (lab) => {
      await lab.sh(
        4,
        `mkdir ${DROP_IN} && printf '[Service]\\nRestart=no\\n' >${DROP_IN}/no.conf && systemctl daemon-reload`,
      );
      await lab.sh(4, "kill -9 $(pidof dockerd); systemctl stop docker.socket");
      await managerSays(lab, 1, 4, "down");
      await lab.visited();
      return () => lab.sh(4, `rm -r ${DROP_IN}; systemctl daemon-reload; systemctl start docker.socket docker`);
    }),
    says: [/docker-node4 is down/, /Cause: .*engine of docker-node4 does not answer/],
    ...startedAgain(4),
  },
  {
    id: "S10",
    title: "the worker powered off",
    protects: `${KEEPS}; the application answers`,
    inject: seen(ROWS, [NODES], async (lab) => {
      const end = await off(lab, 4);
      await managerSays(lab, 1, 4, "down");
      await lab.visited();
      return end;
    }),
    says: [/docker-node4 is down/, /Cause: .*docker-node4 does not answer/],
    ...startedAgain(4),
  },
  {
    id: "S11",
    title: "the worker left by hand (docker swarm leave)",
    protects: KEEPS,
    inject: seen(ROWS, [NODES], async (lab) => {
      await lab.sh(4, LEAVE);
      await prints(lab, 4, STATE, /^inactive$/);
      await managerSays(lab, 1, 4, "down");
      return undefined;
    }),
    says: [/docker-node4 is down/, /Cause: .*docker-node4 is in no swarm/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S12",
    title: "the worker removed from the list of nodes by hand (docker node rm --force)",
    protects: KEEPS,
    inject: seen(ROWS, [NODES], async (lab) => {
      await lab.sh(1, "docker node rm --force docker-node4");
      await prints(lab, 1, "docker node ls", /^(?![\s\S]*docker-node4)/);
      return undefined;
    }),
    says: [/docker-node4 is no node/, /Cause: .*docker-node4 is no node of the swarm: .*removed/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S13",
    title: "a manager left by hand while a container of it was on the network",
    protects: KEEPS,
    inject: seen(ROWS, [NODES], async (lab) => {
      await lab.sh(2, LEAVE);
      await prints(lab, 2, STATE, /^inactive$/);
      const networks = "docker inspect --format '{{.State.Status}} {{len .NetworkSettings.Networks}}' test13";
      assert.equal(await lab.sh(2, networks), "running 0");
      await managerSays(lab, 1, 2, "down");
      return undefined;
    }),
    says: [/docker-node2 is down, docker-node2 is unreachable/, /Cause: .*docker-node2 is in no swarm/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S14",
    title: "the worker left, and the token that the state has was rotated",
    protects: `${KEEPS}; the new token is not shown`,
    inject: seen(ROWS, [NODES], async (lab) => {
      const token = () => lab.sh(1, "docker swarm join-token --quiet worker");
      const before = await token();
      await lab.sh(4, LEAVE);
      await lab.sh(1, "docker swarm join-token --quiet --rotate worker >/dev/null");
      assert.notEqual(await token(), before);
      await managerSays(lab, 1, 4, "down");
      return undefined;
    }),
    says: [/docker-node4 is down/, /Cause: .*docker-node4 is in no swarm/],
    way: RECOVER,
    heal: async (lab) => {
      const { text } = await recover(lab);
      assert.doesNotMatch(text, /SWMTKN/);
    },
  },
  {
    id: "S15",
    title: "the worker drained by hand",
    protects: KEEPS,
    inject: seen(ROWS, [NODES, WEB], async (lab) => {
      await lab.sh(1, "docker node update --availability drain docker-node4");
      await prints(lab, 4, `echo "${TASK}."`, /^\.$/);
      return undefined;
    }),
    says: [/docker-node4 is set to drain/, /3 of 4 run/, /Cause: .*docker-node4 is set to drain, so it takes no tasks/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S16",
    title: "the worker's disk full: no container can be created",
    protects: `${KEEPS}; the application answers on the other nodes`,
    inject: seen(ROWS, [WEB], async (lab) => {
      const copied = (from: string, to: string) => `cp -a ${from}/. ${to}`;
      const small = `mkdir /var/lib/docker/kept && ${copied(CONTAINERS, "/var/lib/docker/kept")} &&
        mount -t tmpfs -o size=4m tmpfs ${CONTAINERS} && ${copied("/var/lib/docker/kept", CONTAINERS)}`;
      await changed(lab, [4], small);
      await prints(lab, 4, `echo "${TASK}"`, /^[0-9a-f]{12}$/);
      await lab.sh(4, `dd if=/dev/zero of=${CONTAINERS}/filler bs=4k 2>/dev/null || :; docker kill ${TASK}`);
      assert.match(await lab.sh(4, `df --output=avail ${CONTAINERS}`), /\b0$/);
      await prints(lab, 1, "docker service ps --no-trunc --format '{{.Error}}' web", /no space left on device/);
      await lab.visited();
      const back = `rm -r /var/lib/docker/kept ${CONTAINERS}/filler; mkdir /var/lib/docker/kept;
        ${copied(CONTAINERS, "/var/lib/docker/kept")}; umount ${CONTAINERS};
        rm -r ${CONTAINERS}; mv /var/lib/docker/kept ${CONTAINERS}`;
      return () => changed(lab, [4], back);
    }),
    says: [/3 of 4 run/, /Cause: .*web on docker-node4 .*no space left on device/],
    way: "nothing",
  },
  {
    id: "S17",
    title: "the image of a service removed on the worker",
    protects: KEEPS,
    inject: seen(ROWS, [WEB], async (lab) => {
      const image = await lab.sh(4, `docker inspect --format '{{.Image}}' ${TASK}`);
      const remove = `docker rm --force ${TASK} >/dev/null 2>&1; docker image rm --force ${image} >/dev/null 2>&1`;
      await lab.sh(
        4,
        `for _ in $(seq 20); do ${remove}; docker image inspect ${image} >/dev/null 2>&1 || exit 0; sleep 0.5; done; exit 1`,
      );
      await prints(lab, 1, "docker service ps --no-trunc --format '{{.Error}}' web", /No such image/);
      return undefined;
    }),
    says: [/3 of 4 run/, /Cause: .*docker-node4 has no image/],
    way: RECOVER,
    heal: recover,
  },
];
