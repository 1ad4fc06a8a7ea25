import type * as pulumi from "@pulumi/pulumi";
import { bridge } from "./bridge.ts";
import { type Check, checksOf, type HostAccess, type LabOutputs } from "./checks.ts";
import type { Config } from "./config.ts";
import { counter } from "./counter.ts";
import { isolation } from "./isolation.ts";
import { links } from "./links.ts";
import { namespaces } from "./namespaces.ts";
import { overlay } from "./overlay.ts";
import { joinParts } from "./parts.ts";
import { ports } from "./ports.ts";
import type { LabName } from "./schema.ts";
import { type Shared, share } from "./shared.ts";
import type { Topology } from "./topology.ts";

type Lab = (config: Config, shared: Shared) => LabOutputs;

const LABS: Readonly<Record<LabName, Lab>> = { ports, counter, namespaces, bridge, links, isolation, overlay };

/** The outputs of a stack. */
interface Outputs {
  readonly urls: Record<string, string>;
  readonly hosts: Record<string, pulumi.Input<HostAccess>>;
  readonly checks: Check[];
  readonly topology: Topology;
}

/** Builds the labs that the settings name and joins what they hand back. */
export function buildLabs(config: Config): Outputs {
  const shared = share(config);
  const built = config.labs.map((name) => ({ name, ...LABS[name](config, shared) }));
  return {
    urls: Object.assign({}, ...built.map(({ urls }) => urls)),
    hosts: Object.assign({}, ...built.map(({ hosts }) => hosts)),
    topology: joinParts([{ name: "overlay", topology: shared.parts() }, ...built]),
    checks: built.flatMap(({ name, checks }) => checksOf(name, checks)).sort(byRow),
  };
}

/** In the tutorial's order, within a row in the lab's. */
const byRow = (a: Check, b: Check): number => a.row.localeCompare(b.row, "en", { numeric: true });
