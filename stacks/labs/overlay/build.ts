import type * as pulumi from "@pulumi/pulumi";
import { ClusterStoreEngine } from "../../../components/cluster-store-engine/ClusterStoreEngine.ts";
import { EtcdCluster, etcdMemberPart, etcdPeersPart } from "../../../components/etcd-cluster/EtcdCluster.ts";
import { ImageCopy } from "../../../components/image-copy/ImageCopy.ts";
import { ownerOf } from "../../../components/lib/identity.ts";
import {
  OverlayNetwork,
  overlayNetworkPart,
  overlayTunnelsPart,
} from "../../../components/overlay-network/OverlayNetwork.ts";
import type { LabOutputs } from "../../checks.ts";
import type { Lab } from "../../lab.ts";
import { accessTo, type LabHost } from "../../labHosts.ts";
import { DEMO } from "../../overlayChecks.ts";
import { OUTSIDER, overlayContainers, type SuppliedHost } from "../../overlayContainers.ts";
import { GWBRIDGE, type Network } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";
import { overlayChecks } from "./checks.ts";

type Settings = LabSettings["overlay"];

/**
 * Row 9 of the tutorial: on each host a member of one etcd cluster and an engine that keeps its networks in it; an
 * overlay network, which all of them know, and on each host a container of it.
 */
export default function (lab: Lab, settings: Settings, shared: Shared): LabOutputs {
  const image = shared.image("tiny");
  const hosts = shared.hosts().map((host): SuppliedHost => {
    const tiny = new ImageCopy(`tiny-${host.name}`, { image, host: host.ssh }, { parent: lab });
    return { ...host, tiny };
  });
  const tls = usesTls(settings, hosts);
  const members = hosts.map(memberOf(tls));
  const { network, quorum } = overlayNetwork(lab, { ...settings, tls }, shared, hosts);
  const { containers } = overlayContainers(lab, hosts, network, network.networkName, settings.network);
  lab.record(etcdPeersPart(members), overlayTunnelsPart(DEMO, hosts));

  return {
    urls: {},
    hosts: Object.fromEntries(hosts.map((host) => [host.name, accessTo(host)])),
    checks: overlayChecks(members, containers, OUTSIDER),
    quorum,
  };
}

/**
 * The network of all hosts, the etcd cluster that it is kept in, and the store of each host's engine. An engine is restarted
 * for its store once it has its copy of the image: a restart would interrupt the loading.
 */
function overlayNetwork(
  lab: Lab,
  settings: Settings & { readonly tls: boolean },
  { identity }: Shared,
  hosts: readonly SuppliedHost[],
): { readonly network: Network; readonly quorum: pulumi.Output<string> } {
  const options = { parent: lab };
  const owner = ownerOf(identity);
  const { tls } = settings;
  const members = hosts.map((host) => ({ ...memberOf(tls)(host), host: host.ssh }));
  const cluster = new EtcdCluster("etcd", { members, tls, owner, ...etcdSettings(settings) }, options);
  const { clientUrls, token: clusterToken, caCertificate, clientCertificate, clientKey } = cluster;
  const credentials = { caCertificate, clientCertificate, clientKey };
  const engines = hosts.map(({ name, address, ssh: host, tiny }) => {
    const endpoint = clientUrls.apply((urls) => urls[name] ?? "");
    const args = { host, endpoint, clusterToken, address, listen: settings.listen, owner, ...credentials };
    return { host, store: new ClusterStoreEngine(name, args, { ...options, dependsOn: tiny }).store, address };
  });
  const subnet = settings.network;
  const args = { networkName: DEMO, subnet, engines, clusterToken, labels: lab.labels };
  const { networkName } = new OverlayNetwork(DEMO, args, options);
  for (const host of hosts) {
    lab.record(etcdMemberPart(memberOf(tls)(host)), overlayNetworkPart(DEMO, subnet, host.name));
  }
  return { network: { name: DEMO, networkName, beside: GWBRIDGE }, quorum: cluster.quorum };
}

const memberOf =
  (tls: boolean) =>
  ({ name, address }: LabHost) => ({ memberName: name, address, tls });

/** Whether etcd talks TLS. Practice nodes are the tutorial's lesson, whose etcd does not. */
const usesTls = ({ tls }: Settings, hosts: readonly LabHost[]): boolean =>
  tls ?? hosts.every(({ ssh }) => ssh.resource === undefined);

const etcdSettings = ({ supervisor, archive, certificates }: Settings) => ({
  supervisor,
  source: archive ? ({ kind: "archive", ...archive } as const) : ({ kind: "package" } as const),
  rotation: certificates.rotation,
  certificateDays: certificates.days,
});
