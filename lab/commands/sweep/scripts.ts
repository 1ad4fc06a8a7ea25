import type { SweptKind } from "./ours.ts";

/** Kinds of objects that can carry no labels. */
export type Scripted = Exclude<SweptKind, "container" | "network" | "volume">;

const component = (path: string) => new URL(`../../../components/${path}`, import.meta.url);

/** The script whose `down` removes an object of a kind, and whose `owned` prints the objects of that kind on a host. */
export const SCRIPTS: Readonly<Record<Scripted, URL>> = {
  interface: new URL("interface.sh", import.meta.url),
  namespace: component("network-namespace/namespace.sh"),
  "virtual machine": component("practice-vm/vm.sh"),
  "cluster store": component("cluster-store-engine/engine.sh"),
  "swarm node": component("swarm-cluster/node.sh"),
  "etcd member": component("etcd-cluster/member.sh"),
  "key file": component("ssh-key/file.sh"),
};
