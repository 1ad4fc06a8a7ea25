import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { LabContainer } from "../components/LabContainer.ts";
import { hostAddress, parseCidr } from "../components/lib/cidr.ts";
import { objectName, ownerLabels, ownerOf } from "../components/lib/identity.ts";
import { OutsideHost } from "../components/OutsideHost.ts";
import type { Claim, LabOutputs } from "./checks.ts";
import type { Config } from "./config.ts";
import { containerPart, networkPart, outsidePart } from "./parts.ts";
import type { Shared } from "./shared.ts";
import { outsideInterface } from "./unlabelled.ts";

/** The engine's own network, whose bridge is docker0. */
const DEFAULT_BRIDGE = "bridge";
/** Port of the web server outside, and one that nobody listens on there. */
const PORT = { open: 8080, closed: 8081 };

/** The containers' names in the tutorial, where peer5 and peer6 are not; and what the engine calls them here. */
const BASES = ["test5", "test6", "peer5", "peer6"];
interface Named {
  readonly base: string;
  readonly name: string;
}
/** The machine outside, and the container that keeps it. */
interface Outside {
  readonly address: string;
  readonly of: string;
}
type Four = [Named, Named, Named, Named];

/**
 * Rows 1 to 4 of the tutorial: two containers on the engine's default bridge, two on a user-defined one beside it, and a
 * machine outside that tells where its visitors come from.
 */
export function bridge({ identity, network, ...config }: Config, { claim, image }: Shared): LabOutputs {
  const labels = ownerLabels(identity, "bridge");
  const [test5, test6, peer5, peer6] = BASES.map((base) => ({ base, name: objectName(identity, base) })) as Four;
  const host = hostAddress(config.outside, 1);
  const outside = { address: hostAddress(config.outside, 2), of: objectName(identity, "outside") };
  const cable = outsideInterface(identity);
  const userDefined = objectName(identity, "bridge-net");

  const common = { image: image("box"), labels, after: claim };
  new LabContainer("test5", { ...common, containerName: test5.name, hostname: "test5", network: DEFAULT_BRIDGE });
  new LabContainer("test6", { ...common, containerName: test6.name, hostname: "test6", network: DEFAULT_BRIDGE });
  const own = new BridgeNetwork("bridge", {
    networkName: userDefined,
    ...network.bridge,
    after: claim,
    labels,
  });
  const onOwn = { ...common, network: { network: own.networkName } };
  const first = new LabContainer("peer5", { ...onOwn, containerName: peer5.name, hostname: "peer5" });
  new LabContainer("peer6", { ...onOwn, containerName: peer6.name, hostname: "peer6", after: first });
  new OutsideHost("outside", {
    ...common,
    containerName: outside.of,
    interface: cable,
    owner: ownerOf(identity),
    subnet: config.outside,
    port: PORT.open,
  });

  const ends = [host, outside.address].map((address) => `${address}/${parseCidr(config.outside).prefix}`) as [
    string,
    string,
  ];
  return {
    urls: {},
    checks: [
      driverClaim(test5),
      ...[test5, peer5].map(privateClaim),
      ...twoKindsOfCheck(outside),
      ...[test5, test6].map(stackClaim),
      ...[test5, test6].flatMap((container) => portClaims(container, DEFAULT_BRIDGE)),
      ...[peer5, peer6].flatMap((container) => portClaims(container, userDefined)),
      ...nameClaims([test5, test6, peer5, peer6]),
      ...[test5, peer5].flatMap((container) => outsideClaims(container, host, outside)),
    ],
    topology: [
      ...[test5, test6].map(({ name }) => containerPart({ name, image: "box", networks: [DEFAULT_BRIDGE] })),
      networkPart(userDefined, { driver: "bridge", ...network.bridge }),
      ...[peer5, peer6].map(({ name }) => containerPart({ name, image: "box", networks: [userDefined] })),
      containerPart({ name: outside.of, image: "box", networks: ["host"] }),
      outsidePart(
        { interface: cable, address: ends[0] },
        { namespace: outside.of, interface: "eth0", address: ends[1] },
        PORT.open,
      ),
    ],
  };
}

const driverClaim = ({ name: container }: Named): Claim => ({
  id: "1.1-bridge",
  says: `${container} is on a network of the class bridge, which is for containers of one host`,
  kind: "driver",
  at: { container },
  expect: "bridge",
});

const privateClaim = ({ base, name: container }: Named): Claim => ({
  id: `2.1-private-${base}`,
  says: `${container} has a private address`,
  kind: "private",
  container,
});

const twoKindsOfCheck = (to: Outside): Claim[] => [
  {
    id: "2.2-reach",
    says: `the machine outside is reachable, as ping shows`,
    kind: "ping",
    from: "host",
    to,
    expect: "reply",
  },
  {
    id: "2.2-service",
    says: `its web server on port ${PORT.open} is available, as a TCP connection shows`,
    kind: "tcp",
    from: "host",
    to,
    port: PORT.open,
    expect: "open",
  },
  {
    id: "2.2-no-service",
    says: `on port ${PORT.closed} nothing is available, although ping is answered`,
    kind: "tcp",
    from: "host",
    to,
    port: PORT.closed,
    expect: "closed",
  },
];

const stackClaim = ({ base, name: container }: Named): Claim => ({
  id: `3.1-stack-${base}`,
  says: `${container} has a network namespace of its own`,
  kind: "stack",
  at: { container },
  expect: "own",
});

const portClaims = ({ base, name: container }: Named, network: string): Claim[] => [
  {
    id: `3.1-interfaces-${base}`,
    says: `${container} has a loopback and one eth0`,
    kind: "interfaces",
    at: { container },
    expect: ["eth0", "lo"],
  },
  {
    id: `4.1-attached-${base}`,
    says: `${container} is on the network ${network}, with an address`,
    kind: "attached",
    container,
    network,
    expect: "address",
  },
  {
    id: `4.2-port-${base}`,
    says: `the other end of ${container}'s eth0 is a port of ${network === DEFAULT_BRIDGE ? "docker0" : `the bridge of ${network}`}`,
    kind: "bridged",
    container,
    network,
  },
];

/** What a user-defined bridge adds to the default one: names. Neither lets the other's containers in. */
const nameClaims = ([test5, test6, peer5, peer6]: Four): Claim[] => [
  {
    id: "4.2-reach",
    says: `${test5.name} reaches ${test6.name} by its address`,
    kind: "ping",
    from: { container: test5.name },
    to: { container: test6.name },
    expect: "reply",
  },
  {
    id: "4.2-no-name",
    says: `${test5.name} does not know the name test6, since docker0 has no name server`,
    kind: "dns",
    from: { container: test5.name },
    name: "test6",
    expect: "unknown",
  },
  {
    id: "4.2-name",
    says: `${peer5.name} knows the name peer6: a user-defined bridge has a name server`,
    kind: "dns",
    from: { container: peer5.name },
    name: "peer6",
    expect: { container: peer6.name },
  },
  {
    id: "4.2-apart",
    says: `${test5.name} does not reach ${peer5.name} on the other bridge`,
    kind: "ping",
    from: { container: test5.name },
    to: { container: peer5.name },
    expect: "silence",
  },
];

const outsideClaims = ({ base, name: container }: Named, host: string, to: Outside): Claim[] => [
  {
    id: `4.3-ping-${base}`,
    says: `${container} reaches the machine outside, ${to.address}`,
    kind: "ping",
    from: { container },
    to,
    expect: "reply",
  },
  {
    id: `4.3-nat-${base}`,
    says: `to the machine outside ${container} comes from the host's address ${host}`,
    kind: "http",
    from: { container },
    to,
    port: PORT.open,
    expect: `^${host.replaceAll(".", "\\.")}$`,
  },
];
