import { HitCounter, type HitCounterArgs, REDIS_PORT, WEB_PORT } from "../components/HitCounter.ts";
import type { Host } from "../components/host-script/HostScript.ts";
import { hostAddress, parseCidr } from "../components/lib/cidr.ts";
import { ownerOf } from "../components/lib/identity.ts";
import { LinkedContainer } from "../components/linked-container/LinkedContainer.ts";
import { NetworkNamespace } from "../components/network-namespace/NetworkNamespace.ts";
import { OutsideHost } from "../components/OutsideHost.ts";
import { VethPair } from "../components/veth-pair/VethPair.ts";
import { LAB_TYPE, type LabName } from "./labs/index.ts";
import type { LabMachine } from "./machines.ts";
import { cablePart, containerPart, type End, linkPart, outsidePart, publishPart } from "./parts.ts";
import { ENGINE, type Ground, type Made, type Network, Section } from "./section.ts";

const HERE: Host = { kind: "local" };

/** An end of a cable, in a namespace whose name in the tutorial is `base`. */
interface CableEnd extends End {
  readonly base: string;
}

/** A machine outside: its address, and the container that keeps it. */
export interface Outside {
  readonly address: string;
  readonly of: string;
}

/** A lab, the parent of all that it makes. */
export class Lab extends Section {
  constructor(name: LabName, ground: Ground) {
    super(LAB_TYPE, name, name, ground);
  }

  /** A container on the default bridge with a legacy link to another one there, which it knows by `alias`. */
  linked(base: string, to: Made, alias: string): string {
    const name = this.named(base);
    new LinkedContainer(
      base,
      {
        host: HERE,
        containerName: name,
        hostname: base,
        image: this.ground.image("box"),
        target: to.container.containerId,
        alias,
        labels: this.labels,
      },
      { parent: this },
    );
    this.record(containerPart({ name, image: "box", networks: [ENGINE.bridge.name] }), linkPart(name, to.name, alias));
    return name;
  }

  /** Two network namespaces and the cable between them, on this machine unless another one is given. */
  cable(name: string, ends: readonly [CableEnd, CableEnd], machine?: LabMachine): void {
    const { identity, claim } = this.ground;
    const host = machine?.host ?? HERE;
    const owner = ownerOf(identity);
    const inside = ({ base, namespace, ...end }: CableEnd) => {
      const made = new NetworkNamespace(base, { host, namespace, owner }, { parent: this, dependsOn: claim });
      return { ...end, namespace: made.namespace };
    };
    new VethPair(name, { host, ends: [inside(ends[0]), inside(ends[1])] }, { parent: this });
    this.record(cablePart(ends[0], ends[1], machine?.name));
  }

  /** A machine outside, at the other end of a cable to this one, with a web server on `port`. */
  outside(base: string, cable: { readonly interface: string; readonly subnet: string }, port: number): Outside {
    const name = this.named(base);
    const { identity, claim, image } = this.ground;
    new OutsideHost(
      base,
      { ...cable, containerName: name, image: image("box"), port, owner: ownerOf(identity), labels: this.labels },
      { parent: this, dependsOn: claim },
    );
    const { prefix } = parseCidr(cable.subnet);
    const [host, address] = [hostAddress(cable.subnet, 1), hostAddress(cable.subnet, 2)];
    this.record(
      containerPart({ name, image: "box", networks: [ENGINE.host.name] }),
      outsidePart(
        { interface: cable.interface, address: `${host}/${prefix}` },
        { namespace: name, interface: "eth0", address: `${address}/${prefix}` },
        port,
      ),
    );
    return { address, of: name };
  }

  /** The hit counter on a user-defined network, by its names on the engine, and where the host answers for it. */
  hitCounter(
    name: string,
    network: Network,
    names: { readonly redis: string; readonly web: string; readonly volume: string },
    publish: { readonly address: string; readonly port: number },
  ): void {
    const { image, claim } = this.ground;
    const images: HitCounterArgs["images"] = { redis: image("redis"), web: image("web") };
    new HitCounter(
      name,
      { network: network.networkName, images, names, publish, labels: this.labels },
      { parent: this, dependsOn: claim },
    );
    const networks = [network.name];
    this.record(
      containerPart({ name: names.redis, image: "redis", networks, listens: REDIS_PORT }),
      containerPart({ name: names.web, image: "web", networks, listens: WEB_PORT }),
      publishPart(publish.address, publish.port, names.web, WEB_PORT),
    );
  }
}
