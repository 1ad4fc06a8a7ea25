// The public face of the npm package (docs/decisions/package.md). Everything else in this folder is internal.
export { BridgeNetwork, type BridgeNetworkArgs } from "./BridgeNetwork.ts";
export { Container, type ContainerArgs, type Publish } from "./Container.ts";
export { ClusterStoreEngine, type ClusterStoreEngineArgs } from "./cluster-store-engine/ClusterStoreEngine.ts";
export { EndpointRelease, type EndpointReleaseArgs } from "./endpoint-release/EndpointRelease.ts";
export { EtcdCluster, type EtcdClusterArgs, type EtcdClusterMember } from "./etcd-cluster/EtcdCluster.ts";
export type { EtcdMemberPlace, EtcdSettings } from "./etcd-cluster/EtcdMember.ts";
export { HitCounter, type HitCounterArgs } from "./HitCounter.ts";
export {
  type Host,
  HostScript,
  type HostScriptArgs,
  type JumpHost,
  type PinnedConnection,
  type SshHost,
} from "./host-script/HostScript.ts";
export { ImageCopy, type ImageCopyArgs } from "./image-copy/ImageCopy.ts";
export type { BuiltImage } from "./lib/builtImage.ts";
export type { Checksums, EtcdArchive, EtcdPackage } from "./lib/etcd.ts";
export type { ServiceFilePlace } from "./lib/serviceFiles.ts";
export type { ServicePolicy, ServicePort } from "./lib/serviceSpec.ts";
export type { SwarmPlace } from "./lib/swarm.ts";
export { LinkedContainer, type LinkedContainerArgs } from "./linked-container/LinkedContainer.ts";
export { MacvlanNetwork, type MacvlanNetworkArgs } from "./MacvlanNetwork.ts";
export { NetworkNamespace, type NetworkNamespaceArgs } from "./network-namespace/NetworkNamespace.ts";
export { OutsideHost, type OutsideHostArgs } from "./OutsideHost.ts";
export { type OverlayEngine, OverlayNetwork, type OverlayNetworkArgs } from "./overlay-network/OverlayNetwork.ts";
export { type PackagedImage, packagedImage } from "./packagedImage.ts";
export { PracticeNode, type PracticeNodeArgs } from "./practice-node/PracticeNode.ts";
export { RemoteEngine, type RemoteEngineArgs } from "./RemoteEngine.ts";
export { type RegistryImage, ServiceImage, type ServiceImageArgs } from "./ServiceImage.ts";
export { SshKey, type SshKeyArgs } from "./ssh-key/SshKey.ts";
export { SwarmCluster, type SwarmClusterArgs, type SwarmNode } from "./swarm-cluster/SwarmCluster.ts";
export { SwarmNetwork, type SwarmNetworkArgs, type SwarmNetworkUser } from "./swarm-network/SwarmNetwork.ts";
export { type ServiceFile, SwarmService, type SwarmServiceArgs } from "./swarm-service/SwarmService.ts";
export { type VethEnd, VethPair, type VethPairArgs } from "./veth-pair/VethPair.ts";
