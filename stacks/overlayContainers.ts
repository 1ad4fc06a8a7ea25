import type * as pulumi from "@pulumi/pulumi";
import type { ImageCopy } from "../components/image-copy/ImageCopy.ts";
import { hostAddress } from "../components/lib/cidr.ts";
import { RemoteEngine } from "../components/RemoteEngine.ts";
import type { Lab } from "./lab.ts";
import { afterwards, type LabHost } from "./labHosts.ts";
import type { Placed } from "./overlayChecks.ts";
import { type ContainerHost, type ContainerSettings, ENGINE, type Network } from "./section.ts";

/** A host, and the image of its containers on its engine. */
export type SuppliedHost = LabHost & { readonly tiny: ImageCopy };

/** The tutorial's name of the first container; the one on the second host is test13, and so on. */
const FIRST_CONTAINER = 12;
/** The number of its address in the network's block, after the gateway's. */
const FIRST_PLACE = 2;
/** The container beside the network. */
export const OUTSIDER = "outsider";

/**
 * The tutorial's containers on an overlay network, one on each host, and an outsider on the first. The hosts' engines are used once
 * `there` is known. With the network's `block` each container has a fixed address, the first ones as the engine would choose them: a
 * lost host does not take back where its containers were, and engines go on looking there for whichever container has the address later.
 */
export function overlayContainers(
  lab: Lab,
  hosts: readonly SuppliedHost[],
  network: Network,
  there: pulumi.Input<unknown>,
  block?: string,
): { readonly engines: readonly ContainerHost[]; readonly containers: readonly Placed[] } {
  const engines = hosts.map(({ name: on, ssh, tiny }): ContainerHost => {
    const engine = { host: afterwards(ssh, there), address: ssh.connection.host };
    return { on, image: tiny.imageId, options: new RemoteEngine(on, engine, { parent: lab }).options };
  });
  const tiny = { image: "tiny", capabilities: ["NET_RAW"] } satisfies Partial<ContainerSettings>;
  const containers = engines.map((engine, index) => {
    const name = `test${FIRST_CONTAINER + index}`;
    const address = block === undefined ? {} : { address: hostAddress(block, FIRST_PLACE + index) };
    return {
      container: lab.container(name, { ...tiny, hostname: name, network, ...address }, engine).name,
      on: engine.on,
    };
  });
  for (const first of engines.slice(0, 1)) lab.container(OUTSIDER, { ...tiny, network: ENGINE.bridge }, first);
  return { engines, containers };
}
