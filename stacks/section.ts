import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { Container, type ContainerArgs } from "../components/Container.ts";
import { isEngineNetwork } from "../components/lib/dockerNames.ts";
import { type Identity, objectName, ownerLabels } from "../components/lib/identity.ts";
import {
  containerPart,
  macvlanPart,
  networkPart,
  publishPart,
  type TopologyPart,
} from "../components/lib/topologyParts.ts";
import { MacvlanNetwork } from "../components/MacvlanNetwork.ts";
import type { RemoteEngine } from "../components/RemoteEngine.ts";
import type { ServiceName } from "./images.ts";
import type { LabName } from "./labs/index.ts";

/** What all sections of an environment stand on. */
export interface Ground {
  readonly identity: Identity;
  /** What takes a block of addresses or a port of the host is made after this. */
  readonly reservation: pulumi.Resource;
  /** The id of a service's image, which is brought once, whichever sections want it. */
  readonly image: (service: ServiceName) => pulumi.Output<string>;
}

/** A network that containers of a section join. */
export interface Network {
  /** Its name on the engine. */
  readonly name: string;
  /** The same; of a user-defined network it is known once that exists. */
  readonly networkName: pulumi.Input<string>;
  /**
   * A network of the engine's own, on which it puts each of these containers, too.
   * @default - none
   */
  readonly beside?: string;
  /**
   * How containers are connected to it, if not by a cable to a bridge.
   * @default "veth"
   */
  readonly by?: "veth" | "macvlan";
}

/** The engine's networks that containers join by name. */
export const ENGINE = {
  bridge: { name: "bridge", networkName: "bridge" },
  none: { name: "none", networkName: "none" },
  host: { name: "host", networkName: "host" },
} as const satisfies Record<string, Network>;

/** The engine's network for the way out of containers on a network of several hosts. */
export const GWBRIDGE = "docker_gwbridge";

/** The engine of another host, as a container needs it. */
export interface ContainerHost {
  /** The host's name in the settings. */
  readonly on: string;
  readonly options: RemoteEngine["options"];
  /** Id of the container's image there. */
  readonly image: pulumi.Input<string>;
}

type Own = "containerName" | "image" | "network" | "address" | "publish" | "labels";

export interface ContainerSettings extends Omit<ContainerArgs, Own> {
  readonly image: ServiceName;
  readonly network: Network;
  /**
   * Its IPv4 address on a user-defined network.
   * @default - the engine chooses one
   */
  readonly address?: string;
  /**
   * TCP port that it listens on.
   * @default - that of the host where it is published, and else none
   */
  readonly listens?: number;
  /**
   * Where the host answers for that port.
   * @default - nowhere
   */
  readonly publish?: { readonly address: string; readonly port: number };
}

export interface MacvlanSettings {
  /** The interface of this host: its name, and the same as an output of what creates it. */
  readonly parent: { readonly name: string; readonly output: pulumi.Input<string> };
  readonly subnet: string;
  /** Address of the LAN's router. */
  readonly gateway: string;
  /** The part of the subnet from which the engine chooses addresses. */
  readonly ipRange: string;
}

/** A container of a section. */
export interface Made {
  /** Its name in the tutorial. */
  readonly base: string;
  /** Its name on the engine. */
  readonly name: string;
  readonly container: Container;
}

/**
 * Things of an environment that belong together, such as those of a lab. What it makes is below it in the tree of the stack, and
 * is recorded as a part of the topology at the same time, so that each thing is stated once.
 */
export class Section extends pulumi.ComponentResource {
  /** What it is made of, in the order in which it was made. */
  readonly parts: TopologyPart[] = [];
  /** Labels of all that it makes. */
  readonly labels: Record<string, string>;
  protected readonly ground: Ground;
  /** The last container that joined a network: the next one depends on it (docs/decisions/teardown.md). */
  private readonly joined = new Map<string, pulumi.Resource>();

  /** `type` is its token; `lab` the lab that its things are labelled with. */
  constructor(type: string, name: string, lab: LabName, ground: Ground) {
    super(type, name);
    this.ground = ground;
    this.labels = ownerLabels(ground.identity, lab);
  }

  /** The name on the engine of what the tutorial calls `base`. */
  named(base: string): string {
    return objectName(this.ground.identity, base);
  }

  record(...parts: readonly TopologyPart[]): void {
    this.parts.push(...parts);
  }

  /** A user-defined bridge, whose name in the tutorial is `base`. */
  network(
    name: string,
    base: string,
    { subnet, gateway }: { readonly subnet: string; readonly gateway: string },
  ): Network {
    const own = this.named(base);
    const { networkName } = new BridgeNetwork(
      name,
      { networkName: own, subnet, gateway, labels: this.labels },
      { parent: this, dependsOn: this.ground.reservation },
    );
    this.record(networkPart(own, { driver: "bridge", subnet, gateway }));
    return { name: own, networkName };
  }

  /**
   * A macvlan network, whose name in the lesson is `base`. Its parent is this host's end of the cable to `lan`, a namespace of
   * the outside.
   */
  macvlan(name: string, base: string, { parent, ...block }: MacvlanSettings, lan: string): Network {
    const own = this.named(base);
    const { networkName } = new MacvlanNetwork(
      name,
      { networkName: own, parent: parent.output, ...block, labels: this.labels },
      { parent: this, dependsOn: this.ground.reservation },
    );
    const { subnet, gateway } = block;
    this.record(macvlanPart(own, { parent: parent.name, subnet, gateway }, lan));
    return { name: own, networkName, by: "macvlan" };
  }

  /** A container, whose name in the tutorial is `base`. On another host than this one that is its name there, too. */
  container(base: string, settings: ContainerSettings, remote?: ContainerHost): Made {
    const { image, network, address, publish, listens = publish?.port, ...args } = settings;
    const name = remote ? base : this.named(base);
    const container = new Container(
      base,
      {
        ...args,
        containerName: name,
        image: remote?.image ?? this.ground.image(image),
        network: network.networkName,
        ...(address !== undefined && { address }),
        publish: publish && { ...publish, containerPort: listens ?? publish.port },
        labels: this.labels,
      },
      { parent: this, ...(remote?.options ?? { dependsOn: this.joined.get(network.name) ?? this.ground.reservation }) },
    );
    if (!isEngineNetwork(network.name)) this.joined.set(network.name, container);
    const networks = [network.name, ...(network.beside === undefined ? [] : [network.beside])];
    const connected = { networks, by: network.by, ...(address !== undefined && { address }) };
    this.record(containerPart({ name, image, ...connected, listens, on: remote?.on }));
    if (publish) this.record(publishPart(publish.address, publish.port, name, listens ?? publish.port));
    return { base, name, container };
  }
}
