import { type Config, LOCAL } from "../../../stacks/config.ts";
import type { ServiceName } from "../../../stacks/images.ts";
import type { LabName } from "../../../stacks/schema.ts";

/** What a lab needs of the machine that it is on. */
export interface Needs {
  /** Kernel modules. */
  readonly modules: readonly string[];
  /** What its containers run, practice nodes aside. */
  readonly images: readonly ServiceName[];
  /** Whether a Docker engine, whose containers reach out through the machine. */
  readonly engine: boolean;
  /** The first major version of the engine that the lab does not work with, and why. */
  readonly before?: { readonly major: number; readonly because: string };
  /** Whether its scripts need to be root, and what for. */
  readonly root?: string;
}

const BRIDGED = { modules: ["veth", "bridge", "br_netfilter"], engine: true };

export const NEEDS: Readonly<Record<LabName, Needs>> = {
  ports: { ...BRIDGED, images: ["nginx"] },
  counter: { ...BRIDGED, images: ["redis", "web"] },
  bridge: { ...BRIDGED, images: ["box"] },
  isolation: { ...BRIDGED, images: ["box"] },
  links: {
    ...BRIDGED,
    images: ["box"],
    before: { major: 30, because: "links on the default bridge were removed in 30.0" },
  },
  namespaces: { modules: ["veth"], images: [], engine: false, root: "to make network namespaces" },
  overlay: { ...BRIDGED, images: ["tiny"], modules: [...BRIDGED.modules, "vxlan"] },
};

/** The labs that are on this machine: on practice nodes a lab has this machine's kernel. */
export const labsHere = ({ labs, hosts, namespaces }: Config): LabName[] =>
  labs.filter((lab) => {
    if (lab === "overlay") return hosts.length === 0;
    return lab !== "namespaces" || namespaces.host === LOCAL || hosts.length === 0;
  });

/** Those of them whose scripts run as the user of this command: on a practice node they run as root. */
export const labsOfUser = (config: Config): LabName[] =>
  labsHere(config).filter((lab) => lab !== "namespaces" || config.namespaces.host === LOCAL);

/** The labs that are on a machine of the user's. */
export const labsOn = ({ labs, namespaces }: Config, host: string): LabName[] =>
  labs.filter((lab) => lab === "overlay" || (lab === "namespaces" && namespaces.host === host));

/** The images of a lab that is on this machine, the one of its practice nodes among them. */
export const imagesOf = ({ hosts, namespaces }: Config, lab: LabName): ServiceName[] => {
  const onNode = hosts.length === 0 && (lab === "overlay" || (lab === "namespaces" && namespaces.host !== LOCAL));
  return [...NEEDS[lab].images, ...(onNode ? (["node"] as const) : [])];
};

export const modulesOf = (labs: readonly LabName[]): string[] => [
  ...new Set(labs.flatMap((lab) => NEEDS[lab].modules)),
];
