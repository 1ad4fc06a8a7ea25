import { type Identity, interfaceName, objectName } from "../components/lib/identity.ts";
import { describedLab, LAB_NAMES } from "./labs/index.ts";

// Objects of labs that cannot have labels. `lab sweep` identifies them by exactly these names and an owner mark.

/** Names of the two network namespaces of the lab `namespaces`. */
export const namespaceNames = (identity: Identity): readonly [string, string] => [
  objectName(identity, "test1"),
  objectName(identity, "test2"),
];

/** Names of the ends of their veth pair. The ends are inside the namespaces, so they need no prefix per environment. */
export const CABLE_ENDS: readonly [string, string] = ["veth-test1", "veth-test2"];

/** Interfaces on the host that all labs together declare. */
export const hostInterfaces = (identity: Identity): string[] =>
  LAB_NAMES.flatMap((lab) => describedLab(lab).interfaces ?? []).map((base) => interfaceName(identity, base));

/** Name on this host of the virtual machine that is the practice node `name`. */
export const vmName = (identity: Identity, name: string): string => objectName(identity, name);

/** Name of a practice VM's interface on this host, on the bridge of the nodes' LAN. Nodes count from 0. */
export const vmInterface = (identity: Identity, index: number): string =>
  interfaceName(identity, `vm-node${index + 1}`);

/** File of the key for SSH logins to practice nodes, relative to the project's folder: each clone has its own. */
export const userKeyFile = ({ stack }: Identity): string => `.dockernet/keys/${stack}/id_ed25519`;
