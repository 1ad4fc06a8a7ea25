import * as pulumi from "@pulumi/pulumi";
import { ClusterStoreEngine } from "../../../components/cluster-store-engine/ClusterStoreEngine.ts";
import { EtcdCluster, etcdMemberPart, etcdPeersPart } from "../../../components/etcd-cluster/EtcdCluster.ts";
import type { EtcdSettings } from "../../../components/etcd-cluster/EtcdMember.ts";
import { ImageCopy } from "../../../components/image-copy/ImageCopy.ts";
import { ownerOf } from "../../../components/lib/identity.ts";
import {
  OverlayNetwork,
  overlayNetworkPart,
  overlayTunnelsPart,
} from "../../../components/overlay-network/OverlayNetwork.ts";
import { RemoteEngine } from "../../../components/RemoteEngine.ts";
import type { LabOutputs } from "../../checks.ts";
import type { Lab } from "../../lab.ts";
import { accessTo, type LabMachine } from "../../machines.ts";
import { type ContainerHost, type ContainerSettings, ENGINE, type Network } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";
import { DEMO, overlayChecks } from "./checks.ts";

type Settings = LabSettings["overlay"];

/** The tutorial's name of the first container; the one on the second machine is test13, and so on. */
const FIRST_CONTAINER = 12;
const OUTSIDER = "outsider";

/**
 * Row 9 of the tutorial: on each machine a member of one etcd cluster and an engine that keeps its networks in it; an
 * overlay network, which all of them know, and on each machine a container of it.
 */
export default function (lab: Lab, settings: Settings, shared: Shared): LabOutputs {
  const machines = shared.machines();
  const { network, stores } = overlayNetwork(lab, settings, shared, machines);
  const engines = machines.map(({ name: on, host }, index): ContainerHost => {
    // Once its engine is not restarted any more, which would break off what it loads.
    const settled = afterwards(host, stores[index]);
    const { imageId } = new ImageCopy(`tiny-${on}`, { image: shared.image("tiny"), host: settled }, { parent: lab });
    const engine = { host: afterwards(host, network.networkName), address: host.connection.host };
    return { on, image: imageId, options: new RemoteEngine(on, engine, { parent: lab }).options };
  });

  const tiny = { image: "tiny", capabilities: ["NET_RAW"] } satisfies Partial<ContainerSettings>;
  const containers = engines.map((engine, index) => {
    const name = `test${FIRST_CONTAINER + index}`;
    return { container: lab.container(name, { ...tiny, hostname: name, network }, engine).name, on: engine.on };
  });
  // Beside the network, on the first machine: who is not on it.
  for (const first of engines.slice(0, 1)) lab.container(OUTSIDER, { ...tiny, network: ENGINE.bridge }, first);
  lab.record(etcdPeersPart(machines.map(memberOf)), overlayTunnelsPart(DEMO, machines));

  return {
    urls: {},
    hosts: Object.fromEntries(machines.map((machine) => [machine.name, accessTo(machine)])),
    checks: overlayChecks(machines, containers, OUTSIDER),
  };
}

/** The network of all machines, the etcd cluster that it is kept in, and the store of each machine's engine. */
function overlayNetwork(
  lab: Lab,
  settings: Settings,
  { identity }: Shared,
  machines: readonly LabMachine[],
): { readonly network: Network; readonly stores: readonly pulumi.Output<string>[] } {
  const options = { parent: lab };
  const owner = ownerOf(identity);
  const members = machines.map((machine) => ({ ...memberOf(machine), host: machine.host }));
  const cluster = new EtcdCluster("etcd", { members, owner, ...etcdSettings(settings) }, options);
  const { clientUrls, token: clusterToken } = cluster;
  const engines = machines.map(({ name, address, host }) => {
    const endpoint = clientUrls.apply((urls) => urls[name] ?? "");
    const args = { host, endpoint, clusterToken, address, listen: settings.listen, owner };
    return { host, store: new ClusterStoreEngine(name, args, options).store };
  });
  const subnet = settings.network;
  const args = { networkName: DEMO, subnet, engines, clusterToken, labels: lab.labels };
  const { networkName } = new OverlayNetwork(DEMO, args, options);
  for (const machine of machines) {
    lab.record(etcdMemberPart(memberOf(machine)), overlayNetworkPart(DEMO, subnet, machine.name));
  }
  return { network: { name: DEMO, networkName, beside: "docker_gwbridge" }, stores: engines.map(({ store }) => store) };
}

const memberOf = ({ name, address }: LabMachine) => ({ memberName: name, address });

const etcdSettings = ({ supervisor, archive }: Settings): EtcdSettings => ({
  supervisor,
  source: archive ? { kind: "archive", ...archive } : { kind: "package" },
});

/** The machine, known only when something is there: its engine is restarted until then, and would not answer. */
const afterwards = (host: LabMachine["host"], there: pulumi.Input<unknown>): LabMachine["host"] => ({
  ...host,
  connection: {
    ...host.connection,
    host: pulumi.all([host.connection.host, there]).apply(([address]) => address),
  },
});
