import type { Config } from "../../../stacks/config.ts";
import type { ServiceName } from "../../../stacks/images.ts";
import { describedLab, type LabName } from "../../../stacks/labs/index.ts";

const hostsOf = ({ settings }: Config, lab: LabName) => describedLab(lab).hosts?.(settings[lab]);

export const needsOf = (lab: LabName) => describedLab(lab).needs;

/** Whether one of the labs needs a Docker engine. */
export const needEngine = (labs: readonly LabName[]): boolean => labs.some((lab) => needsOf(lab).engine);

/** The labs that are on this host: on practice nodes a lab has this host's kernel. */
export const labsHere = (config: Config): LabName[] =>
  config.labs.filter((lab) => config.hosts.length === 0 || hostsOf(config, lab) === undefined);

/** Those of them whose scripts run as the user of this command: on a practice node they run as root. */
export const labsOfUser = (config: Config): LabName[] =>
  labsHere(config).filter((lab) => needsOf(lab).root === undefined || hostsOf(config, lab) === undefined);

/** The labs that are on a host of the user's. */
export const labsOn = (config: Config, host: string): LabName[] =>
  config.labs.filter((lab) => {
    const hosts = hostsOf(config, lab);
    return hosts === "all" || hosts?.includes(host);
  });

/** The images of a lab that is on this host, the one of its practice nodes among them. */
export const imagesOf = (config: Config, lab: LabName): ServiceName[] => {
  const onNode = config.hosts.length === 0 && hostsOf(config, lab) !== undefined;
  const ofNodes = onVms(config) ? (["node", "vm"] as const) : ([config.nodes.image] as const);
  return [...needsOf(lab).images, ...(onNode ? ofNodes : [])];
};

/** Whether labs are on practice nodes that are virtual machines. */
export const onVms = (config: Config): boolean =>
  config.hosts.length === 0 &&
  config.nodes.kind === "vm" &&
  config.labs.some((lab) => hostsOf(config, lab) !== undefined);

export const modulesOf = (labs: readonly LabName[]): string[] => [
  ...new Set(labs.flatMap((lab) => needsOf(lab).modules)),
];
