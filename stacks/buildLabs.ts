import * as pulumi from "@pulumi/pulumi";
import { type Check, checksOf, type HostAccess, type LabOutputs } from "./checks.ts";
import type { Config } from "./config.ts";
import { Lab } from "./lab.ts";
import { LAB_NAMES, type LabName, type LabSettings } from "./labs/index.ts";
import { publicAddresses } from "./publicAddresses.ts";
import { type Shared, share } from "./shared.ts";
import { joinParts, type Topology } from "./topology.ts";

/** Builds a lab by its settings. */
type Build<L extends LabName> = (lab: Lab, settings: LabSettings[L], shared: Shared) => LabOutputs;

const load = async (name: LabName) => [name, (await import(`./labs/${name}/build.ts`)).default] as const;

const BUILDS = Object.fromEntries(await Promise.all(LAB_NAMES.map(load))) as { readonly [L in LabName]: Build<L> };

const build = <L extends LabName>(name: L, lab: Lab, settings: LabSettings, shared: Shared) =>
  BUILDS[name](lab, settings[name], shared);

/** The outputs of a stack. */
interface Outputs {
  readonly urls: Record<string, string>;
  readonly hosts: Record<string, pulumi.Input<HostAccess>>;
  readonly checks: Check[];
  readonly topology: Topology;
  readonly quorum?: pulumi.Input<string>;
}

/** Builds the labs that the settings name and joins what they hand back. */
export function buildLabs(config: Config): Outputs {
  for (const warning of publicAddresses(config)) pulumi.log.warn(warning);
  const shared = share(config);
  const built = config.labs.map((name) => {
    const lab = new Lab(name, shared);
    const outputs = build(name, lab, config.settings, shared);
    return { name, parts: lab.parts, ...outputs };
  });
  const quorum = built.map((each) => each.quorum).find((each) => each !== undefined);
  return {
    ...(quorum !== undefined && { quorum }),
    urls: Object.assign({}, ...built.map(({ urls }) => urls)),
    hosts: Object.assign({}, ...built.map(({ hosts }) => hosts)),
    topology: joinParts([{ name: config.nodes.lab, parts: shared.parts() }, ...built]),
    checks: built.flatMap(({ name, checks }) => checksOf(name, checks)).sort(byRow),
  };
}

/** In the tutorial's order, within a row in the lab's. */
const byRow = (a: Check, b: Check): number => a.row.localeCompare(b.row, "en", { numeric: true });
