import { objectName } from "../../components/lib/identity.ts";
import { SetupError } from "../../toolchain/step.ts";
import { addressClass } from "../addresses.ts";
import { cableOf } from "../cable.ts";
import type { Container } from "../engine.ts";
import { readInterfaces } from "../interfaces.ts";
import { knock } from "../knock.ts";
import { type Machine, machines } from "../machine.ts";
import type { Outputs } from "../outputs.ts";
import { overlayFacts } from "../overlayFacts.ts";
import { PROJECT_NAME } from "../project.ts";
import { table } from "../table.ts";

/** How long an answer is waited for. */
const PATIENCE_SEC = 2;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** A machine of the environment, and what it is called. */
interface Place {
  readonly name: string;
  readonly machine: Machine;
}

/** Explains an address, a container or a network namespace of an environment: what it is, and how packets get there. */
export async function explain(environment: string, outputs: Outputs, object: string, port: number): Promise<string> {
  const all = machines(outputs.hosts);
  const places: Place[] = [
    { name: "this machine", machine: all(undefined) },
    ...Object.keys(outputs.hosts).map((name) => ({ name, machine: all(name) })),
  ];
  const names = [object, objectName({ project: PROJECT_NAME, stack: environment }, object)];
  if (IPV4.test(object)) return explainAddress(places, object, port);
  for (const place of places) {
    const containers = await place.machine.containers().catch(() => new Map<string, Container>());
    const container = names.map((name) => containers.get(name)).find(Boolean);
    if (container) return explainContainer(places, place, container, port);
  }
  for (const place of places) {
    const there = ((await place.machine.attempt(["ip", "netns", "list"])) ?? "")
      .split("\n")
      .map((line) => line.split(" ")[0]);
    const name = names.find((each) => there.includes(each));
    if (name) return explainNamespace(place, name);
  }
  throw new SetupError(`environment ${environment} has no container or namespace ${object}, and it is no IPv4 address`);
}

async function explainAddress(places: readonly Place[], address: string, port: number): Promise<string> {
  const [here] = places;
  const holder = await holderOf(places, address);
  const elsewhere = holder !== undefined && holder.place !== here;
  const route = await here?.machine.attempt(["ip", "-o", "route", "get", address]);
  return [
    `${address} is ${addressClass(address)}`,
    "",
    table([
      ["holder", holder?.what ?? "nobody in this environment"],
      ...(elsewhere
        ? [["from here", `this machine has no way to it; what ${holder.place.name} reaches, this machine need not`]]
        : [
            ["route", route?.replace(/ uid.*| *\\.*$/g, "").trim() ?? "this machine has none that leads there"],
            ...(await reached(here, address, port)),
          ]),
    ]),
  ].join("\n");
}

async function explainContainer(
  places: readonly Place[],
  place: Place,
  container: Container,
  port: number,
): Promise<string> {
  const { name, addresses, published, running } = container;
  const [network = "", address = ""] = Object.entries(addresses)[0] ?? [];
  const head = `${name} is a container on ${place.name}, ${running ? "running" : "stopped"}`;
  if (!running) return head;
  const path = await pathOf(place, container, network);
  const facts: string[][] = [["address", address === "" ? "none" : `${address}, ${addressClass(address)}`]];
  facts.push(["published", published.length > 0 ? published.join(", ") : "nothing: no port of the host leads to it"]);
  // Only from the machine that the container is on: others have no route to it.
  if (address !== "" && network !== "host" && place === places[0]) facts.push(...(await reached(place, address, port)));
  return [head, "", ...picture(path), "", table(facts)].join("\n");
}

async function explainNamespace({ name: on, machine }: Place, namespace: string): Promise<string> {
  const inside = ["ip", "netns", "exec", namespace];
  const [links, routes] = [
    await machine.attempt([...inside, "ip", "-j", "address", "show"]),
    await machine.attempt([...inside, "ip", "-o", "route", "show"]),
  ];
  if (links === undefined) throw new SetupError(`only root can look into the network namespace ${namespace}`);
  const ends = ((await machine.attempt([...inside, "ip", "-o", "link", "show"])) ?? "")
    .split("\n")
    .map((line) => /^\d+: (\S+)@(\S+?): .*link-netns(?:id)? (\S+)/.exec(line)?.slice(1) ?? [])
    .filter((found) => found.length > 0);
  return [
    `${namespace} is a network namespace on ${on}: a network stack of its own`,
    "",
    table([
      ...[...readInterfaces(links)].map(([name, state]) => {
        const [, peer, where] = ends.find(([each]) => each === name) ?? [];
        return ["interface", name, state, peer ? `the other end is ${peer} in namespace ${where}` : ""];
      }),
      ["routes", routes || "none", "", ""],
    ]),
  ].join("\n");
}

/** The way of a container's packets out of it, hop by hop. */
async function pathOf({ name: on, machine }: Place, container: Container, network: string): Promise<string[][]> {
  const found = (await machine.networks()).get(network);
  if (found?.driver === "host") return [[container.name, `has the network of ${on} itself, with all its interfaces`]];
  if (found?.driver === "null") return [[container.name, "has a loopback and nothing else: no way in or out"]];
  const address = container.addresses[network];
  if (found?.driver === "overlay") {
    const facts = await overlayFacts(machine, found.id);
    const peers = [...new Set((facts?.fdb ?? []).map((entry) => entry.machine))];
    return [
      [container.name, `eth0 ${address}, on the overlay network ${network}`],
      ["br0", `bridge in the network's own namespace on ${on}`],
      ["vxlan0", `VXLAN network ${facts?.vni ?? "?"}: frames leave in UDP packets to port 4789`],
      [on, peers.length > 0 ? `sends them to ${peers.join(", ")}` : "knows of no container on another machine"],
    ];
  }
  const cable = await cableOf(machine, container.name);
  const peer = cable?.peer?.ifname ?? "an interface that is not to be seen from here";
  const nat = await natRule(machine, found?.subnets[0] ?? "");
  return [
    [container.name, `eth0 ${address}, on the network ${network}`],
    [peer, "the other end of its cable, a port of the bridge"],
    [
      found?.bridge ?? "",
      `bridge of the network ${network} on ${on}, ${found?.gateway ?? "without an address"}, the container's way out`,
    ],
    ["NAT", nat ?? "the engine's rules give what leaves the host's address; only root can list them"],
    [on, (await machine.attempt(["ip", "-o", "route", "show", "default"])) ?? "has no default route"],
  ];
}

const natRule = async (machine: Machine, subnet: string): Promise<string | undefined> =>
  ((await machine.attempt(["iptables", "--wait", "-t", "nat", "-S", "POSTROUTING"])) ?? "")
    .split("\n")
    .find((rule) => subnet !== "" && rule.includes(`-s ${subnet} `) && rule.includes("MASQUERADE"))
    ?.replace(/^-A /, "");

/** A path from top to bottom. */
const picture = (hops: readonly (readonly string[])[]): string[] =>
  table(hops.map(([name = "", what = ""]) => [`  ${name}`, what]))
    .split("\n")
    .flatMap((line, index) => (index === 0 ? [line] : ["    |", line]));

interface Holder {
  readonly place: Place;
  readonly what: string;
}

async function holderOf(places: readonly Place[], address: string): Promise<Holder | undefined> {
  for (const place of places) {
    const { name, machine } = place;
    const containers = await machine.containers().catch(() => new Map<string, Container>());
    for (const container of containers.values()) {
      const [network] = Object.entries(container.addresses).find(([, each]) => each === address) ?? [];
      if (network) return { place, what: `the container ${container.name} on ${name}, by the network ${network}` };
    }
    const interfaces = readInterfaces((await machine.attempt(["ip", "-j", "address", "show"])) ?? "[]");
    const [own] =
      [...interfaces].find(([, state]) => state.split(" ").some((each) => each.startsWith(`${address}/`))) ?? [];
    if (own) return { place, what: `${name}, on its interface ${own}` };
  }
  return undefined;
}

/** What ping and a TCP connection say of an address, and what the two mean together. */
const MEANINGS: Readonly<Record<string, string>> = {
  "reply open": "the machine is reachable, and the service is there",
  "reply refused": "the machine is reachable, and nobody listens on that port",
  "reply silent": "the machine is reachable, and something drops packets to that port",
  "silence open": "the service is there; echo requests are not answered",
  "silence refused": "something answers for that address, and refuses the connection",
  "silence silent": "nothing answers: there is no such machine, no way to it or back, or everything is dropped",
};

async function reached(place: Place | undefined, address: string, port: number): Promise<string[][]> {
  const answered =
    (await place?.machine.attempt(["ping", "-c", "1", "-W", String(PATIENCE_SEC), address])) !== undefined;
  const [ping, tcp] = [answered ? "reply" : "silence", await knock(address, port, PATIENCE_SEC)];
  return [
    ["ping", ping],
    [`tcp ${port}`, tcp],
    ["together", MEANINGS[`${ping} ${tcp}`] ?? ""],
  ];
}
