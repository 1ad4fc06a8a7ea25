import { setTimeout } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { KEEPS, RECOVER, recover } from "./swarmManagers.ts";
import { prints, SWARM_NODES, type SwarmLab, seen } from "./swarmWorld.ts";

const ROWS = ["11.4"];
const REDIS = "11.4-redis";
const WEB = "11.4-web";

/** Kills the task of redis as soon as there is one, for that many seconds. */
const KILLING = (seconds: number) =>
  `for _ in $(seq ${seconds * 2}); do
    for id in $(docker ps --quiet --filter label=com.docker.swarm.service.name=redis); do docker kill "$id" && echo killed; done; sleep 0.5
  done`;

export const serviceFaults: readonly Fault<SwarmLab>[] = [
  {
    id: "S18",
    title: "the task of redis killed again and again",
    protects: KEEPS,
    inject: seen(ROWS, [REDIS], async (lab) => {
      const killing = lab.sh(1, KILLING(30));
      await prints(lab, 1, "docker service ps --format '{{.CurrentState}}' redis | grep -c Failed", /^[2-9]|\d\d/);
      return () => killing;
    }),
    says: [/the one task of redis .*0 of 1 run/, /Cause: .*task of the service redis/],
    way: "nothing",
  },
  {
    id: "S19",
    title: "a service scaled by hand",
    protects: KEEPS,
    inject: seen(ROWS, [WEB], async (lab) => {
      await lab.sh(1, "docker service scale --detach web=1");
      await prints(lab, 1, "docker service ls --filter name=web --format '{{.Replicas}}'", /^1\/1/);
      return undefined;
    }),
    says: [/1 of 4 run/, /Cause: +the service web is to have 1 tasks, the lab 4: it was scaled by hand/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S20",
    title: "the service of redis removed by hand",
    protects: KEEPS,
    inject: seen(ROWS, [REDIS], async (lab) => {
      await lab.sh(1, "docker service rm redis");
      await prints(lab, 1, "docker ps --quiet --filter label=com.docker.swarm.service.name=redis | wc -l", /^0$/);
      return undefined;
    }),
    says: [/there is no service redis/, /Cause: +the managers have no service redis: it was removed/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S21",
    title: "the label that places redis removed by hand",
    protects: KEEPS,
    inject: seen(ROWS, [REDIS], async (lab) => {
      await lab.sh(1, "docker node update --label-rm store docker-node1");
      await prints(lab, 1, "docker service ps --format '{{.Error}}' --no-trunc redis", /no suitable node/);
      await setTimeout(1000);
      return undefined;
    }),
    says: [/0 of 1 run/, /no suitable node/, /Cause: +docker-node1 does not have the label store=redis/],
    way: RECOVER,
    heal: recover,
  },
  {
    id: "S22",
    title: "the overlay network removed by hand, with all that was on it",
    protects: KEEPS,
    inject: seen(["9.5", "11.2", "11.4"], ["11.2-kept", WEB], async (lab) => {
      await lab.sh(1, "docker service rm web redis");
      await Promise.all(SWARM_NODES.map((number) => lab.sh(number, `docker rm --force test${11 + number}`)));
      const gone = "docker network rm demo; ! docker network inspect demo";
      await lab.sh(1, `for i in $(seq 120); do if ${gone}; then exit; fi; sleep 0.5; done >/dev/null 2>&1; exit 1`);
      return undefined;
    }),
    says: [/there is no network demo/, /Cause: .*there is no network demo/, /Cause: +the managers have no service web/],
    way: RECOVER,
    heal: recover,
  },
];
