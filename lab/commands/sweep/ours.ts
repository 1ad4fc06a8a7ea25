import { join, relative } from "node:path";
import { type Identity, ownerOf } from "../../../components/lib/identity.ts";
import { nodeNames } from "../../../stacks/config.ts";
import { MOST_HOSTS } from "../../../stacks/fields.ts";
import {
  CABLE_ENDS,
  hostInterfaces,
  namespaceNames,
  userKeyFile,
  vmInterface,
  vmName,
} from "../../../stacks/unlabelled.ts";
import { PROJECT, PROJECT_NAME } from "../../../toolchain/environment.ts";
import type { Container } from "../../host/containers.ts";
import { identityOf } from "../../state/environments.ts";
import type { Inventory } from "./state.ts";

/** What can be left behind, in the order of its removal: what uses something goes before it. */
export const SWEPT_KINDS = [
  "container",
  "swarm node",
  "virtual machine",
  "network",
  "volume",
  "interface",
  "namespace",
  "cluster store",
  "etcd member",
  "key file",
] as const;
export type SweptKind = (typeof SWEPT_KINDS)[number];

/** Something on a host that may be this project's or anybody's. */
export interface SweptObject {
  readonly kind: SweptKind;
  readonly name: string;
  /** The engine's id of a container or a network; the name of anything else. */
  readonly id: string;
  /** The host that it is on; undefined: the one that runs this command. */
  readonly host: string | undefined;
  /** Labels of a Docker object. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What the scripts of this project leave on what has no labels: whose it is, as `project/stack`. */
  readonly mark?: string;
  /** The containers that are on a network, or have a volume, running or not. */
  readonly users?: readonly Pick<Container, "id" | "name" | "labels">[];
}

/** As Pulumi takes the name of a stack. */
const STACK = /^[\w.-]{1,100}$/;

/**
 * The environment of this project that an object belongs to; undefined for everything that is not certainly ours. A
 * Docker object needs both labels; what has none needs a name that is derived and the mark.
 */
export function environmentOf({ kind, name, labels, mark }: SweptObject): string | undefined {
  if (labels) {
    const stack = labels["dockernet.stack"];
    return labels["dockernet.project"] === PROJECT_NAME && stack !== undefined && STACK.test(stack) ? stack : undefined;
  }
  const [project, stack, ...more] = mark?.split("/") ?? [];
  if (project !== PROJECT_NAME || stack === undefined || more.length > 0 || !STACK.test(stack)) return undefined;
  return isDerived(kind, name, { project, stack }) ? stack : undefined;
}

function isDerived(kind: SweptKind, name: string, identity: Identity): boolean {
  switch (kind) {
    case "namespace":
      return namespaceNames(identity).includes(name);
    case "interface":
      return hostInterfaces(identity).includes(name) || CABLE_ENDS.includes(name) || isVmInterface(identity, name);
    case "virtual machine":
      return nodeNames(MOST_HOSTS).some((node) => name === vmName(identity, node));
    case "etcd member":
      return /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(name);
    case "cluster store":
    case "swarm node":
      return name === "docker.service";
    case "key file":
      return name === join(PROJECT, userKeyFile(identity));
    default:
      return false;
  }
}

const isVmInterface = (identity: Identity, name: string): boolean =>
  nodeNames(MOST_HOSTS).some((_, index) => name === vmInterface(identity, index));

/** Whether the state of an environment says that there is such a thing. In doubt it does. */
function isKnown({ kind, id, name, host }: SweptObject, { ids, commands, components }: Inventory): boolean {
  const made = (component: string, what?: string) =>
    commands.some(
      (each) =>
        each.component === component &&
        each.host === host &&
        (what === undefined || each.triggers === undefined || each.triggers.includes(what)),
    );
  switch (kind) {
    case "interface":
      if (CABLE_ENDS.includes(name)) return made("VethPair");
      return name.startsWith("vm-node") ? made("PracticeVm", name) : components.has("OutsideHost");
    case "namespace":
      return made("NetworkNamespace", name);
    case "virtual machine":
      return made("PracticeVm", name);
    case "cluster store":
      return made("ClusterStoreEngine");
    case "swarm node":
      return made("SwarmCluster");
    case "etcd member":
      return made("EtcdMember", name);
    case "key file":
      return made("SshKey", relative(PROJECT, name)) || made("SshKey", name);
    default:
      return ids.has(id);
  }
}

/** What tells that it is ours, in words. */
export function whyOurs({ kind, labels, mark = "" }: SweptObject): string {
  if (labels)
    return `labels of ${labels["dockernet.stack"]}${labels["dockernet.lab"] ? `, lab ${labels["dockernet.lab"]}` : ""}`;
  if (kind === "key file") return "in this checkout's own folder of keys";
  if (kind === "namespace") return `the alias of its loopback, ${mark}`;
  return kind === "interface" ? `its alias, ${mark}` : `its owner's line, ${mark}`;
}

/** Who keeps a network or a volume from being removed: a container that does not go before it. Undefined without one. */
export function keeper({ kind, users = [], host }: SweptObject, going: readonly SweptObject[]): string | undefined {
  const stays = users.find(({ id }) => !going.some((each) => each.host === host && each.id === id));
  if (!stays) return undefined;
  const { "dockernet.project": project, "dockernet.stack": stack } = stays.labels;
  const whose = project === PROJECT_NAME ? `of environment ${stack}` : "which is not this project's";
  return `the container ${stays.name}, ${whose}, ${kind === "network" ? "is on it" : "has it"}`;
}

/** Things of an environment that its state does not know, in the order of their removal. */
export const strays = (found: readonly SweptObject[], environment: string, known: Inventory): SweptObject[] =>
  found
    .filter((each) => environmentOf(each) === environment && !isKnown(each, known))
    .sort((a, b) => SWEPT_KINDS.indexOf(a.kind) - SWEPT_KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1));

/** The mark that the scripts of this project leave for an environment. */
export const markOf = (environment: string): string => ownerOf(identityOf(environment));
