import { REDIS, WEB } from "../../../components/lib/hitCounter.ts";
import type { LabCheck } from "../../checks.ts";
import { GREETING, VISITS } from "../../hitCounterChecks.ts";
import type { LabHost } from "../../labHosts.ts";
import { DEMO, overlayNetworkChecks, type Placed } from "../../overlayChecks.ts";
import type { LabSettings } from "../index.ts";

/** The services of the lab. Redis' own name is the one by which the front end finds it. */
export const SERVICES = { redis: REDIS.host, web: "web" } as const;
/** Label of the node that has the task of redis. */
export const STORE_LABEL = "store";

/** What must be true of the lab `swarm`, on hosts with a container each and an outsider on the first one. */
export function swarmChecks(
  settings: LabSettings["swarm"],
  hosts: readonly LabHost[],
  containers: readonly Placed[],
  outsider: string,
): LabCheck[] {
  const names = hosts.map(({ name }) => name);
  const [first, second] = containers;
  const [on = ""] = names;
  return [
    ...overlayNetworkChecks(names, containers, outsider),
    {
      id: "11.1-nodes",
      title: `the swarm has ${names.length} nodes, ${settings.managers} of them managers, and all are ready`,
      kind: "swarmNodes",
      on,
      expect: Object.fromEntries(names.map((name, index) => [name, index < settings.managers ? "manager" : "worker"])),
      labels: { [on]: { [STORE_LABEL]: SERVICES.redis } },
    },
    {
      id: "11.2-kept",
      title: `the managers keep ${DEMO}, which containers may join`,
      kind: "swarmNetwork",
      on,
      network: DEMO,
      expect: { subnet: settings.network, attachable: true },
    },
    ...(first && second ? [namesakeCheck(first, second)] : []),
    ...(settings.services ? counterChecks(settings.port, hosts, on) : []),
  ];
}

const namesakeCheck = (first: Placed, second: Placed): LabCheck => ({
  id: "11.3-namesake",
  title: `a second ${first.container}, on ${second.on}, is let in: an engine knows only its own names, and the network gives both addresses`,
  kind: "namesake",
  on: second.on,
  network: DEMO,
  container: first.container,
  like: second.container,
  holder: first.on,
});

/** The hit counter: where its tasks run, that they find each other, and that each host answers. */
function counterChecks(port: number, hosts: readonly LabHost[], on: string): LabCheck[] {
  const { redis, web } = SERVICES;
  const names = hosts.map(({ name }) => name);
  const visited = hosts.filter(({ ssh }) => ssh.resource !== undefined);
  return [
    {
      id: "11.4-redis",
      title: `the one task of ${redis} runs on ${on}, which has its label`,
      kind: "swarmService",
      on,
      service: redis,
      expect: [on],
    },
    {
      id: "11.4-web",
      title: `${names.length} tasks of ${web} run, on ${names.join(" and ")}`,
      kind: "swarmService",
      on,
      service: web,
      expect: names,
    },
    ...names.flatMap((each): LabCheck[] => [
      {
        id: `11.5-dns-${each}`,
        title: `inside ${web} on ${each} the name ${redis} gives the address of the task on ${on}`,
        kind: "dns",
        from: { container: web, on: each },
        name: redis,
        expect: { container: redis, on },
      },
      {
        id: `11.5-http-${each}`,
        title: `and the application there answers on 127.0.0.1:${WEB.port}`,
        kind: "http",
        from: { container: web, on: each },
        to: { address: "127.0.0.1" },
        port: WEB.port,
        expect: GREETING,
      },
    ]),
    ...hosts.map(
      ({ name, address }, index): LabCheck => ({
        id: `11.6-published-${name}`,
        title: `port ${port} of ${name} leads to its own task of ${web}`,
        kind: "http",
        from: { host: names[(index + 1) % names.length] ?? name },
        to: { address },
        port,
        expect: GREETING,
      }),
    ),
    // The host that runs Pulumi may reach the user's own hosts by SSH alone.
    ...visited.slice(0, 1).map(
      ({ name, address }): LabCheck => ({
        id: "11.6-counts",
        title: `${VISITS} visits at once through port ${port} of ${name} raise the hits by exactly ${VISITS}`,
        kind: "counts",
        to: { address },
        port,
        requests: VISITS,
      }),
    ),
  ];
}
