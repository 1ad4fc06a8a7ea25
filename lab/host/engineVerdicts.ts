import type { EngineSetting } from "../../stacks/labs/describe.ts";
import { describedLab, LAB_NAMES, type LabName } from "../../stacks/labs/index.ts";
import { privateRange } from "./addresses.ts";
import { type EngineInfo, engineInfo } from "./engineInfo.ts";
import { type EngineSettings, readEngineSettings, restartOf, SETTINGS_FACTS, settingOf } from "./engineSettings.ts";
import { ENGINE_FACTS, type Facts, readFacts, shellScript } from "./facts.ts";
import type { HostSession } from "./session.ts";

/** An engine setting that breaks labs. */
export interface Unfit {
  /** The setting and its value as in dockerd(8): `icc: false`. */
  readonly setting: string;
  /** Its effect. */
  readonly why: string;
  readonly fix: string;
  /** Labs with checks that fail because of it. */
  readonly labs: readonly LabName[];
  /** Whether image build steps, which run on docker0, reach nothing outside. */
  readonly stopsBuilds: boolean;
}

/** Settings that cut containers on docker0 off from the outside. */
const STOPS_BUILDS: readonly EngineSetting[] = ["bridge", "iptables", "ip-masq"];

/** Name of the network on docker0. */
const DEFAULT = "bridge";
const BRIDGE_OPTION = "com.docker.network.bridge";

/** Returns the settings of an engine that break labs. */
export function unfitOf(info: EngineInfo | undefined, settings: EngineSettings): Unfit[] {
  const network = settings.networks?.find(({ name }) => name === DEFAULT);
  const option = (name: string) => network?.options[`${BRIDGE_OPTION}.${name}`];
  const subnet = network?.subnets.find((each) => each.includes("."));
  const isPublic = subnet !== undefined && privateRange(subnet.replace(/\/.*/, "")) === undefined;
  const writesRules = settingOf(settings, "iptables") !== "false";
  const mapsUsers = info?.SecurityOptions?.some((each) => each.includes("name=userns")) ?? false;
  const cases: readonly (readonly [boolean, EngineSetting, string, string])[] = [
    [
      settings.networks !== undefined && (network === undefined || settingOf(settings, "bridge") === "none"),
      "bridge",
      "none",
      "there is no docker0, and containers on the network bridge have no interface",
    ],
    [
      option("enable_icc") === "false",
      "icc",
      "false",
      "containers on docker0 do not reach each other, but by the ports of a link",
    ],
    [
      isPublic,
      "bip",
      settingOf(settings, "bip") ?? subnet ?? "",
      "containers on docker0 have public addresses, and the lab is of private ones",
    ],
    [
      !writesRules,
      "iptables",
      "false",
      "the engine writes no firewall rules: what leaves the host keeps its private address, and bridges are not apart",
    ],
    [
      // An engine that writes no rules reports this for each of its networks.
      writesRules && option("enable_ip_masquerade") === "false",
      "ip-masq",
      "false",
      "what leaves docker0 keeps its private address, to which the outside has no route",
    ],
    [
      mapsUsers,
      "userns-remap",
      settingOf(settings, "userns-remap") ?? "default",
      "no container may have the host's network, and a practice node not the rights that it needs",
    ],
  ];
  return cases.flatMap(([applies, name, value, why]) =>
    applies
      ? [
          {
            setting: `${name}: ${value}`,
            why,
            fix: fixOf(settings, name, value),
            labs: LAB_NAMES.filter((lab) => describedLab(lab).needs.spoiledBy?.includes(name)),
            stopsBuilds: STOPS_BUILDS.includes(name),
          },
        ]
      : [],
  );
}

/** Describes how to undo a setting, in the file or on the command line. */
function fixOf(settings: EngineSettings, name: string, value: string): string {
  const { command = [], daemon, file } = settings;
  // docker0 outlives its engine, and the next engine keeps the bridge's address.
  if (name === "bip") {
    const set = settingOf(settings, name) === undefined ? "" : `take "bip" out of ${file} or off the command line, `;
    return `${set}stop the engine, remove its bridge (ip link delete docker0), and start it: ${restartOf(settings)}`;
  }
  const onCommandLine = command.some((word) => word.split("=")[0] === `--${name}`);
  const where = onCommandLine
    ? `--${name} off the command line of dockerd`
    : `"${name}": ${JSON.stringify(daemon[name] ?? value)} out of ${file}`;
  return `take ${where}, then restart the engine: ${restartOf(settings)}`;
}

/** Returns the settings of a host's engine that break a lab. */
export async function unfitOn(session: HostSession, lab: string): Promise<Unfit[]> {
  const printed = await session.read(["sh", "-c", shellScript([ENGINE_FACTS, SETTINGS_FACTS])]);
  return printed === undefined
    ? []
    : unfitIn(readFacts(printed)).filter(({ labs }) => labs.some((each) => each === lab));
}

/** Same, from the facts of a host. */
export const unfitIn = (facts: Facts): Unfit[] => unfitOf(engineInfo(facts), readEngineSettings(facts));
