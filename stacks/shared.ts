import type * as pulumi from "@pulumi/pulumi";
import { AddressClaim } from "../components/address-claim/AddressClaim.ts";
import { ServiceImage } from "../components/ServiceImage.ts";
import type { Config } from "./config.ts";
import { imageSource, type ServiceName } from "./images.ts";
import { type LabMachine, labMachines, machineParts } from "./machines.ts";
import type { Part } from "./parts.ts";

/** What the labs of an environment have in common. */
export interface Shared {
  /** What takes a block of addresses or a port of the machine is made after this. */
  readonly claim: pulumi.Resource;
  /** The id of a service's image, which is brought once, whichever labs want it. */
  readonly image: (service: ServiceName) => pulumi.Output<string>;
  /** The machines that the settings name, or practice nodes, which are made once. */
  readonly machines: () => readonly LabMachine[];
  /** The machines that were made so far, as parts of the topology. */
  readonly parts: () => readonly Part[];
}

/** Makes it. */
export function share(config: Config): Shared {
  const { identity, images, publishAddress, claims } = config;
  const claim = new AddressClaim("addresses", {
    host: { kind: "local" },
    identity,
    subnets: claims.subnets.map(({ value }) => value),
    ports: claims.ports.map(({ value }) => `${publishAddress}:${value}`),
    interfaces: [config.outsideInterface],
  });
  const brought = new Map<ServiceName, pulumi.Output<string>>();
  const image = (service: ServiceName) => {
    const known = brought.get(service) ?? new ServiceImage(service, { source: imageSource(service, images) }).imageId;
    brought.set(service, known);
    return known;
  };
  let made: readonly LabMachine[] | undefined;
  const machines = () => {
    made ??= labMachines(config, claim, image);
    return made;
  };
  const parts = () => (made ? machineParts(config) : []);
  return { claim, image, machines, parts };
}
