import { AddressReservation } from "../components/address-reservation/AddressReservation.ts";
import { EngineIdentity } from "../components/engine-identity/EngineIdentity.ts";
import type { TopologyPart } from "../components/lib/topologyParts.ts";
import { ServiceImage } from "../components/ServiceImage.ts";
import type { Config } from "./config.ts";
import { imageSource, type ServiceName } from "./images.ts";
import { type LabHost, type LabHosts, labHosts } from "./labHosts.ts";
import { describedLab } from "./labs/index.ts";
import type { Ground } from "./section.ts";
import { hostInterfaces } from "./unlabelled.ts";

/** What the labs of an environment share. */
export interface Shared extends Ground {
  readonly publishAddress: string;
  /** The hosts in the settings, or practice nodes; created once. */
  readonly hosts: () => readonly LabHost[];
  /** Topology parts of the hosts created so far. */
  readonly parts: () => readonly TopologyPart[];
}

/** Creates what the labs share. */
export function share(config: Config): Shared {
  const { identity, images, publishAddress, reservations } = config;
  const engine = usesEngine(config) ? new EngineIdentity("engine", { identity, address: config.engine }) : undefined;
  const reservation = new AddressReservation(
    "addresses",
    {
      host: { kind: "local" },
      identity,
      subnets: reservations.subnets.map(({ value }) => value),
      ports: reservations.ports.map(({ value }) => `${publishAddress}:${value}`),
      settings: [...reservations.subnets, ...reservations.ports].map(({ setting, value }) => `${setting} ${value}`),
      interfaces: hostInterfaces(identity),
    },
    { dependsOn: engine },
  );
  const brought = new Map<ServiceName, ServiceImage>();
  const bring = (service: ServiceName): ServiceImage => {
    const known = brought.get(service);
    if (known) return known;
    const source = imageSource(service, images);
    // The image of a virtual machine is built on that of a container.
    const made = new ServiceImage(service, { source }, { dependsOn: service === "vm" ? bring("node") : engine });
    brought.set(service, made);
    return made;
  };
  const image = (service: ServiceName) => bring(service).imageId;
  const ground = { identity, reservation, image };
  let made: LabHosts | undefined;
  const hosts = () => {
    made ??= labHosts(config, ground);
    return made.hosts;
  };
  return { ...ground, publishAddress, hosts, parts: () => made?.parts ?? [] };
}

/**
 * Whether the environment uses an engine. A lab that needs none still uses one if it is on a practice node, or on a
 * host with other labs.
 */
const usesEngine = ({ labs, settings }: Config): boolean =>
  labs
    .map((name) => [describedLab(name), settings[name]] as const)
    .some(([{ needs, hosts }, own]) => needs.engine || hosts?.(own) !== undefined);
