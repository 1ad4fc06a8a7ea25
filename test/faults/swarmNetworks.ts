import type { Fault, Incident } from "./fault.ts";
import { firewall, type Rule } from "./firewall.ts";
import { KEEPS, NODES } from "./swarmManagers.ts";
import { managerSays, prints, type SwarmLab, seen } from "./swarmWorld.ts";

/** Both directions of a port on a host. */
const closed = (protocol: "tcp" | "udp", port: number): Rule[] =>
  ["INPUT", "OUTPUT"].flatMap((chain) => [
    [chain, "--protocol", protocol, "--dport", String(port), "--jump", "DROP"],
    [chain, "--protocol", protocol, "--sport", String(port), "--jump", "DROP"],
  ]);

/** Closes ports on the worker. */
const close = (lab: SwarmLab, ...rules: Rule[]): Promise<NonNullable<Incident["end"]>> =>
  firewall((...command) => lab.on(4, ...command), ...rules);

export const networkFaults: readonly Fault<SwarmLab>[] = [
  {
    id: "S23",
    title: "TCP port 2377 of the managers closed for the worker",
    protects: `${KEEPS}; the application answers`,
    inject: seen(["11.1"], [NODES], async (lab) => {
      const end = await close(lab, ...closed("tcp", 2377));
      await managerSays(lab, 1, 4, "down");
      await lab.visited();
      return end;
    }),
    says: [/docker-node4 is down/, /Cause: .*docker-node4.* has a rule .*2377/],
    way: "nothing",
  },
  {
    id: "S24",
    title: "ports 7946 (gossip of the engines) closed for the worker",
    protects: KEEPS,
    inject: seen(["9.8", "11.5"], ["11.5-dns-docker-node4"], async (lab) => {
      const end = await close(lab, ...closed("tcp", 7946), ...closed("udp", 7946));
      const web = "$(docker ps --quiet --filter label=com.docker.swarm.service.name=web)";
      await prints(lab, 4, `docker exec ${web} getent ahostsv4 redis || echo unknown`, /unknown/);
      return end;
    }),
    says: [/redis is unknown/, /Cause: .*docker-node4.* has a rule .*7946/],
    way: "nothing",
  },
  {
    id: "S25",
    title: "UDP port 4789 (packets of containers) closed for the worker",
    protects: KEEPS,
    inject: seen(["11.5", "11.6"], ["11.5-http-docker-node4"], async (lab) => {
      const end = await close(lab, ...closed("udp", 4789));
      const redis = "$(docker ps --quiet --filter label=com.docker.swarm.service.name=redis)";
      const address = `docker inspect --format '{{.NetworkSettings.Networks.demo.IPAddress}}' ${redis}`;
      await prints(lab, 4, `docker exec test15 ping -c 1 -W 1 ${await lab.sh(1, address)}`, /100% packet loss/);
      return end;
    }),
    says: [/11\.5 +FAILED/, /Cause: .*docker-node4.* has a rule .*4789/],
    way: "nothing",
  },
];
