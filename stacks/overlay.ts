import * as pulumi from "@pulumi/pulumi";
import { ClusterStoreEngine } from "../components/cluster-store-engine/ClusterStoreEngine.ts";
import { EtcdCluster } from "../components/etcd-cluster/EtcdCluster.ts";
import type { EtcdSettings } from "../components/etcd-cluster/EtcdMember.ts";
import { ImageCopy } from "../components/image-copy/ImageCopy.ts";
import { LabContainer } from "../components/LabContainer.ts";
import { clientUrl, peerUrl } from "../components/lib/etcd.ts";
import { ownerLabels, ownerOf } from "../components/lib/identity.ts";
import { OverlayNetwork } from "../components/overlay-network/OverlayNetwork.ts";
import { RemoteEngine } from "../components/RemoteEngine.ts";
import type { LabOutputs } from "./checks.ts";
import type { Config } from "./config.ts";
import { accessTo, type LabMachine } from "./machines.ts";
import { DEMO, overlayClaims } from "./overlayClaims.ts";
import { containerPart, memberPart, meshPart, networkPart, type Part } from "./parts.ts";
import type { OverlaySettings } from "./schema.ts";
import type { Shared } from "./shared.ts";

/** The tutorial's name of the first container; the one on the second machine is test13, and so on. */
const FIRST_CONTAINER = 12;
/** IANA's port of VXLAN (RFC 7348), which Docker's overlay networks use. */
const VXLAN_PORT = 4789;

/**
 * Row 9 of the tutorial: on each machine a member of one etcd cluster and an engine that keeps its networks in it; an
 * overlay network, which all of them know, and on each machine a container of it.
 */
export function overlay(config: Config, shared: Shared): LabOutputs {
  const labels = ownerLabels(config.identity, "overlay");
  const owner = ownerOf(config.identity);
  const machines = shared.machines();
  const members = machines.map(({ name, address, host }) => ({ memberName: name, address, host }));
  const { endpoints, token } = new EtcdCluster("etcd", { members, owner, ...etcdSettings(config.overlay) });
  const engines = machines.map(({ name, address, host }) => {
    const endpoint = endpoints.apply((urls) => urls[name] ?? "");
    const args = { host, endpoint, clusterToken: token, address, listen: config.overlay.listen, owner };
    return { host, store: new ClusterStoreEngine(name, args).store };
  });
  const images = machines.map(({ name, host }, index) => {
    // Once its engine is not restarted any more, which would break off what it loads.
    const settled = afterwards(host, pulumi.output(engines[index]?.store));
    return new ImageCopy(`tiny-${name}`, { image: shared.image("tiny"), host: settled }).imageId;
  });
  const demo = new OverlayNetwork(DEMO, {
    networkName: DEMO,
    subnet: config.overlay.network,
    engines,
    clusterToken: token,
    labels,
  });

  const containers = machines.map((machine, index) => {
    const name = `test${FIRST_CONTAINER + index}`;
    const engine = new RemoteEngine(machine.name, { host: afterwards(machine.host, demo.networkId) });
    const common = { image: images[index] ?? "", engine, labels, capabilities: ["NET_RAW"] };
    new LabContainer(name, {
      ...common,
      containerName: name,
      hostname: name,
      network: { network: demo.networkId.apply(() => DEMO) },
    });
    // Beside the network, on the first machine: who is not on it.
    if (index === 0) new LabContainer(OUTSIDER, { ...common, containerName: OUTSIDER, network: "bridge" });
    return { container: name, on: machine.name };
  });

  return {
    urls: {},
    hosts: Object.fromEntries(machines.map((machine) => [machine.name, accessTo(machine)])),
    checks: overlayClaims(machines, containers, OUTSIDER),
    topology: overlayParts(machines, containers, config.overlay.network),
  };
}

const OUTSIDER = "outsider";

function overlayParts(
  machines: readonly LabMachine[],
  containers: readonly { readonly container: string; readonly on: string }[],
  subnet: string,
): Part[] {
  const identity = ({ name, address }: LabMachine) => ({ memberName: name, address });
  return [
    ...machines.flatMap((machine) => [
      memberPart(machine.name, clientUrl(identity(machine)), peerUrl(identity(machine))),
      networkPart(DEMO, { driver: "overlay", subnet }, machine.name),
    ]),
    ...containers.map(({ container: name, on }) =>
      containerPart({ name, image: "tiny", networks: [DEMO, "docker_gwbridge"], on }),
    ),
    ...machines
      .slice(0, 1)
      .map(({ name: on }) => containerPart({ name: OUTSIDER, image: "tiny", networks: ["bridge"], on })),
    meshPart(
      "peer",
      machines,
      ({ name }) => name,
      (_, to) => ({ url: peerUrl(identity(to)) }),
    ),
    meshPart(
      "vxlan",
      machines,
      () => DEMO,
      (from, to) => ({
        fromAddress: from.address,
        toAddress: to.address,
        port: `${VXLAN_PORT}/udp`,
      }),
    ),
  ];
}

const etcdSettings = ({ supervisor, archive }: OverlaySettings): EtcdSettings => ({
  supervisor,
  source: archive ? { kind: "archive", ...archive } : { kind: "package" },
});

/** The machine, known only when something is there: its engine is restarted until then, and would not answer. */
const afterwards = (host: LabMachine["host"], there: pulumi.Output<unknown>): LabMachine["host"] => ({
  ...host,
  connection: {
    ...host.connection,
    host: pulumi.all([host.connection.host, there]).apply(([address]) => address),
  },
});
