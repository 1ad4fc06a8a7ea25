import { overlap } from "../../../components/lib/cidr.ts";
import { type Identity, ownerOf } from "../../../components/lib/identity.ts";
import type { Config, Reservation } from "../../../stacks/config.ts";
import { hostInterfaces } from "../../../stacks/unlabelled.ts";
import { attempt } from "../../../toolchain/run.ts";
import { type FactScript, readFacts, shellScript } from "../../host/facts.ts";
import type { Judgement } from "./finding.ts";

const TIMEOUT_MS = 10_000;
/** How long one question to an engine may take, in seconds: the variable of scripts that only look (look.sh). */
export const LOOK_SEC = "6";
const RESERVATION = new URL("../../../components/address-reservation/reservation.sh", import.meta.url);

/** The verb of reservation.sh that prints what occupies subnets and ports; its facts are `obstacle`. */
export const reservationFacts = (
  variables: Readonly<Record<"OWNER" | "INTERFACES" | "SUBNETS" | "PORTS", string>>,
): FactScript => ({
  script: RESERVATION,
  variables: { ...variables, LOOK_SEC },
  call: "obstacles | sed 's/^/obstacle /'",
});

/** Whether the blocks and ports of an environment are free on this host, by the look that an `up` makes. */
export async function lookAtAddresses(config: Config): Promise<Judgement[]> {
  const { identity, publishAddress, reservations } = config;
  const obstacles = reservationFacts({
    OWNER: ownerOf(identity),
    INTERFACES: hostInterfaces(identity).join(" "),
    SUBNETS: reservations.subnets.map(({ value }) => value).join(" "),
    PORTS: reservations.ports.map(({ value }) => `${publishAddress}:${value}`).join(" "),
  });
  const printed = await attempt("sh", ["-s"], { timeoutMs: TIMEOUT_MS, input: shellScript([obstacles]) });
  if (printed === undefined)
    return [{ id: "addresses", level: "skipped", what: "addresses and ports could not be checked" }];
  return judgeAddresses(config, readFacts(printed).all("obstacle"));
}

/** What stands in the way of which setting; `obstacles` are lines of reservation.sh. */
export function judgeAddresses(config: Config, obstacles: readonly string[]): Judgement[] {
  const { reservations, publishAddress, identity } = config;
  const { lab } = config.nodes;
  const { network } = config.settings[lab];
  const judge = ({ setting, value }: Reservation<string | number>, id: string, words: string): Judgement => {
    const inTheWay = obstacles.find((line) => line.startsWith(`${words} `));
    if (inTheWay === undefined) return { id, level: "ok", what: `${words} is free` };
    const [lab, key] = setting.split(".");
    const fix = `set another ${key} in dockernet:${lab} (stacks/Pulumi.${identity.stack}.yaml), or remove what has it`;
    return { id, level: "problem", what: inTheWay, why: `${setting} is ${value}`, fix };
  };
  const lan = reservations.subnets.find(({ setting }) => setting === `${lab}.subnet`);
  return [
    ...reservations.subnets.map((reservation) => judge(reservation, "subnet", reservation.value)),
    ...reservations.ports.map((reservation) =>
      judge(reservation, "port", `port ${publishAddress}:${reservation.value}`),
    ),
    ...obstacles.filter((line) => line.startsWith("address ")).map((what) => notHere(what, identity)),
    ...(lan && overlap(lan.value, network) ? [lanInOverlay(lab, lan.value, network)] : []),
  ];
}

const notHere = (what: string, { stack }: Identity): Judgement => ({
  id: "address",
  level: "problem",
  what,
  why: "published ports listen on it",
  fix: `set dockernet:publishAddress (stacks/Pulumi.${stack}.yaml) to one that ip -4 address shows, or to 0.0.0.0 for every one`,
});

const lanInOverlay = (lab: string, lan: string, network: string): Judgement => ({
  id: `${lab}-subnet`,
  level: "problem",
  what: `the overlay's block ${network} overlaps the practice nodes' LAN ${lan}`,
  why: "a node could not tell the others from containers",
  fix: `set another network or subnet in dockernet:${lab}`,
});
