import { type Identity, interfaceName, objectName } from "../components/lib/identity.ts";
import { describedLab, LAB_NAMES } from "./labs/index.ts";

// What the labs make that can carry no labels: `lab sweep` knows it by exactly these names, and by a mark beside the name.

/** The two network namespaces of the lab `namespaces`. */
export const namespaceNames = (identity: Identity): readonly [string, string] => [
  objectName(identity, "test1"),
  objectName(identity, "test2"),
];

/** The cable between them. Its ends live inside the namespaces, so their names need no prefix to keep environments apart. */
export const CABLE_ENDS: readonly [string, string] = ["veth-test1", "veth-test2"];

/** The interfaces of the host that the labs describe as theirs, of all labs. */
export const hostInterfaces = (identity: Identity): string[] =>
  LAB_NAMES.flatMap((lab) => describedLab(lab).interfaces ?? []).map((base) => interfaceName(identity, base));

/** A virtual machine in place of the practice node `name`: its name on this host. */
export const vmName = (identity: Identity, name: string): string => objectName(identity, name);

/** The host's end of the cable to that machine, on the bridge of the nodes' LAN. Nodes count from 0. */
export const vmInterface = (identity: Identity, index: number): string =>
  interfaceName(identity, `vm-node${index + 1}`);

/** The file of the key that lets the user into practice nodes, from the project's folder: another clone has its own. */
export const userKeyFile = ({ stack }: Identity): string => `.dockernet/keys/${stack}/id_ed25519`;
