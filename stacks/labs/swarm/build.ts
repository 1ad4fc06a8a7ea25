import * as docker from "@pulumi/docker";
import { ImageCopy } from "../../../components/image-copy/ImageCopy.ts";
import { REDIS, WEB } from "../../../components/lib/hitCounter.ts";
import { ownerOf } from "../../../components/lib/identity.ts";
import { labelList } from "../../../components/lib/labels.ts";
import { containerPart, publishPart } from "../../../components/lib/topologyParts.ts";
import { overlayNetworkPart, overlayTunnelsPart } from "../../../components/overlay-network/OverlayNetwork.ts";
import { SwarmCluster } from "../../../components/swarm-cluster/SwarmCluster.ts";
import { SwarmNetwork } from "../../../components/swarm-network/SwarmNetwork.ts";
import { SwarmService } from "../../../components/swarm-service/SwarmService.ts";
import type { LabOutputs } from "../../checks.ts";
import { EVERY_ADDRESS } from "../../fields.ts";
import type { Lab } from "../../lab.ts";
import { accessTo, type LabHost } from "../../labHosts.ts";
import { DEMO } from "../../overlayChecks.ts";
import { OUTSIDER, overlayContainers, type SuppliedHost } from "../../overlayContainers.ts";
import { type ContainerHost, GWBRIDGE, type Network } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";
import { SERVICES, STORE_LABEL, swarmChecks } from "./checks.ts";
import { POOL_PREFIX } from "./description.ts";

type Settings = LabSettings["swarm"];

/** The volume of the hits, on the host of redis. */
const HITS = "hits";

/**
 * Rows 9.5 to 9.8 of the tutorial, and the application of row 8, on engines in Swarm mode: the managers keep the network, and
 * decide where the tasks of a service run.
 */
export default function (lab: Lab, settings: Settings, shared: Shared): LabOutputs {
  const hosts = shared.hosts().map((host): SuppliedHost => ({ ...host, tiny: copyOf(lab, shared, "tiny", host) }));
  const [first] = hosts;
  if (!first) throw new Error("expected at least one member");

  const { clusterId } = swarmOf(lab, settings, shared, hosts);
  const { network, networkId } = networkIn(lab, settings, hosts, clusterId);
  const { engines, containers } = overlayContainers(lab, hosts, network, networkId);
  for (const engine of settings.services ? engines.slice(0, 1) : []) {
    hitCounter(lab, settings, shared, { hosts, first, engine, clusterId, network });
  }
  lab.record(overlayTunnelsPart(DEMO, hosts));

  return {
    urls: settings.services ? { counter: `http://${first.address}:${settings.port}/` } : {},
    hosts: Object.fromEntries(hosts.map((host) => [host.name, accessTo(host)])),
    checks: swarmChecks(settings, hosts, containers, OUTSIDER),
  };
}

const copyOf = (
  lab: Lab,
  { image }: Shared,
  service: "tiny" | "redis" | "web",
  { name, ssh: host }: LabHost,
): ImageCopy => new ImageCopy(`${service}-${name}`, { image: image(service), host }, { parent: lab });

/** The swarm of all hosts. */
const swarmOf = (
  lab: Lab,
  { managers, pool }: Settings,
  { identity }: Shared,
  hosts: readonly SuppliedHost[],
): SwarmCluster =>
  new SwarmCluster(
    "swarm",
    {
      nodes: hosts.map(({ name, address, ssh: host }, index) => ({
        nodeName: name,
        address,
        host,
        role: index < managers ? "manager" : "worker",
        ...(index === 0 && { labels: { [STORE_LABEL]: SERVICES.redis } }),
      })),
      pools: [pool],
      poolPrefix: POOL_PREFIX,
      owner: ownerOf(identity),
    },
    { parent: lab },
  );

function networkIn(
  lab: Lab,
  { network: subnet }: Settings,
  hosts: readonly SuppliedHost[],
  clusterId: SwarmCluster["clusterId"],
): { readonly network: Network; readonly networkId: SwarmNetwork["networkId"] } {
  const [first, ...others] = hosts;
  if (!first) throw new Error("expected at least one member");
  const users = others.map(({ ssh: host, tiny }) => ({ host, image: tiny.imageId }));
  const { networkName, networkId } = new SwarmNetwork(
    DEMO,
    { networkName: DEMO, manager: first.ssh, clusterId, subnet, users, labels: lab.labels },
    { parent: lab },
  );
  for (const { name } of hosts) lab.record(overlayNetworkPart(DEMO, subnet, name));
  return { network: { name: DEMO, networkName, beside: GWBRIDGE }, networkId };
}

/** What the services of the hit counter stand on; `engine` is that of the host of redis. */
interface Place {
  readonly hosts: readonly SuppliedHost[];
  readonly first: SuppliedHost;
  readonly engine: ContainerHost;
  readonly clusterId: SwarmCluster["clusterId"];
  readonly network: Network;
}

/** The hit counter: redis on the host that has the label, and a front end on each host, published there. */
function hitCounter(lab: Lab, { port, environment }: Settings, shared: Shared, place: Place): void {
  const { hosts, first, engine, clusterId, network } = place;
  const redis = copyOf(lab, shared, "redis", first);
  const webs = hosts.map((host) => copyOf(lab, shared, "web", host));
  const [web] = webs;
  if (!web) throw new Error("expected at least one member");
  const common = { manager: first.ssh, clusterId, networks: [network.networkName], labels: lab.labels };
  const hits = new docker.Volume(
    HITS,
    { name: HITS, labels: labelList(lab.labels) },
    { parent: lab, deleteBeforeReplace: true, ...engine.options },
  );
  const store = new SwarmService(
    SERVICES.redis,
    {
      ...common,
      serviceName: SERVICES.redis,
      image: redis.imageId,
      replicas: 1,
      constraints: [`node.labels.${STORE_LABEL}==${SERVICES.redis}`],
      command: [...REDIS.command],
      healthcheck: REDIS.healthcheck,
      capabilities: [...REDIS.capabilities],
      volume: { name: hits.name, path: REDIS.data },
    },
    { parent: lab },
  );
  new SwarmService(
    SERVICES.web,
    {
      ...common,
      serviceName: SERVICES.web,
      image: web.imageId,
      replicas: hosts.length,
      maxPerNode: 1,
      publish: [{ port, containerPort: WEB.port }],
      environment: { ...environment, ...WEB.environment },
      healthcheck: WEB.healthcheck,
    },
    { parent: lab, dependsOn: [store, ...webs] },
  );
  const networks = [network.name, GWBRIDGE];
  lab.record(containerPart({ name: SERVICES.redis, image: "redis", networks, listens: REDIS.port, on: engine.on }));
  for (const { name: on } of hosts) {
    lab.record(
      containerPart({ name: SERVICES.web, image: "web", networks, listens: WEB.port, on }),
      publishPart(EVERY_ADDRESS, port, SERVICES.web, WEB.port, on),
    );
  }
}
