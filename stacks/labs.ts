import * as pulumi from "@pulumi/pulumi";
import { bridge } from "./bridge.ts";
import { type Check, checksOf, type HostAccess, type LabOutputs } from "./checks.ts";
import type { Config } from "./config.ts";
import { counter } from "./counter.ts";
import { isolation } from "./isolation.ts";
import { Lab } from "./lab.ts";
import { links } from "./links.ts";
import { namespaces } from "./namespaces.ts";
import { overlay } from "./overlay.ts";
import { joinParts } from "./parts.ts";
import { ports } from "./ports.ts";
import { publicAddresses } from "./publicAddresses.ts";
import type { LabName } from "./schema.ts";
import { type Shared, share } from "./shared.ts";
import type { Topology } from "./topology.ts";

type Build = (lab: Lab, config: Config, shared: Shared) => LabOutputs;

const LABS: Readonly<Record<LabName, Build>> = { ports, counter, namespaces, bridge, links, isolation, overlay };

/** The outputs of a stack. */
interface Outputs {
  readonly urls: Record<string, string>;
  readonly hosts: Record<string, pulumi.Input<HostAccess>>;
  readonly checks: Check[];
  readonly topology: Topology;
}

/** Builds the labs that the settings name and joins what they hand back. */
export function buildLabs(config: Config): Outputs {
  for (const warning of publicAddresses(config)) pulumi.log.warn(warning);
  const shared = share(config);
  const built = config.labs.map((name) => {
    const lab = new Lab(name, shared);
    const outputs = LABS[name](lab, config, shared);
    return { name, parts: lab.parts, ...outputs };
  });
  return {
    urls: Object.assign({}, ...built.map(({ urls }) => urls)),
    hosts: Object.assign({}, ...built.map(({ hosts }) => hosts)),
    topology: joinParts([{ name: "overlay", parts: shared.parts() }, ...built]),
    checks: built.flatMap(({ name, checks }) => checksOf(name, checks)).sort(byRow),
  };
}

/** In the tutorial's order, within a row in the lab's. */
const byRow = (a: Check, b: Check): number => a.row.localeCompare(b.row, "en", { numeric: true });
