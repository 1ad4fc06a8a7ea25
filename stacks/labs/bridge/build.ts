import { hostAddress } from "../../../components/lib/cidr.ts";
import { interfaceName, ownerOf } from "../../../components/lib/identity.ts";
import { OutsideHost, outsideHostParts } from "../../../components/OutsideHost.ts";
import type { LabCheck, LabOutputs } from "../../checks.ts";
import type { Lab } from "../../lab.ts";
import { ENGINE, type Made, type Network } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";
import { OUTSIDE_INTERFACE } from "./description.ts";

/** An outside host: its address, and the container that keeps it. */
interface Outside {
  readonly address: string;
  readonly of: string;
}

/** Port of the outside host's web server, and a port without a listener. */
const PORT = { open: 8080, closed: 8081 };

/** A container: its name in the tutorial (which has no peer5 and peer6), and its name on the engine. */
type Named = Pick<Made, "base" | "name">;
type Four = readonly [Named, Named, Named, Named];

/**
 * Rows 1 to 4 of the tutorial: two containers on the engine's default bridge, two on a user-defined one, and an outside
 * host that returns each client's source address.
 */
export default function (lab: Lab, settings: LabSettings["bridge"], shared: Shared): LabOutputs {
  const box = (base: string, on: Network) => lab.container(base, { image: "box", hostname: base, network: on });
  const [test5, test6] = [box("test5", ENGINE.bridge), box("test6", ENGINE.bridge)];
  const own = lab.network("bridge", "bridge-net", settings);
  const [peer5, peer6] = [box("peer5", own), box("peer6", own)];
  const outside = outsideHost(lab, settings.outside, shared);

  const host = hostAddress(settings.outside, 1);
  return {
    urls: {},
    checks: [
      driverCheck(test5),
      ...[test5, peer5].map(privateCheck),
      ...twoKindsOfCheck(outside),
      ...[test5, test6].map(stackCheck),
      ...[test5, test6].flatMap((container) => portChecks(container, ENGINE.bridge.name)),
      ...[peer5, peer6].flatMap((container) => portChecks(container, own.name)),
      ...nameChecks([test5, test6, peer5, peer6]),
      ...[test5, peer5].flatMap((container) => outsideChecks(container, host, outside)),
    ],
  };
}

/** Creates the outside host: a web server behind a veth pair to this host. */
function outsideHost(lab: Lab, subnet: string, { identity, reservation, image }: Shared): Outside {
  const containerName = lab.named("outside");
  const cable = { interface: interfaceName(identity, OUTSIDE_INTERFACE), subnet };
  new OutsideHost(
    "outside",
    { ...cable, containerName, image: image("box"), port: PORT.open, owner: ownerOf(identity), labels: lab.labels },
    { parent: lab, dependsOn: reservation },
  );
  lab.record(...outsideHostParts(containerName, "box", cable, PORT.open));
  return { address: hostAddress(subnet, 2), of: containerName };
}

const driverCheck = ({ name: container }: Named): LabCheck => ({
  id: "1.1-bridge",
  title: `${container} is on a network of the class bridge, which is for containers of one host`,
  kind: "driver",
  at: { container },
  expect: "bridge",
});

const privateCheck = ({ base, name: container }: Named): LabCheck => ({
  id: `2.1-private-${base}`,
  title: `${container} has a private address`,
  kind: "private",
  container,
});

const twoKindsOfCheck = (to: Outside): LabCheck[] => [
  {
    id: "2.2-reach",
    title: `the outside host is reachable, as ping shows`,
    kind: "ping",
    from: "host",
    to,
    expect: "reply",
  },
  {
    id: "2.2-service",
    title: `its web server on port ${PORT.open} is available, as a TCP connection shows`,
    kind: "tcp",
    from: "host",
    to,
    port: PORT.open,
    expect: "open",
  },
  {
    id: "2.2-no-service",
    title: `on port ${PORT.closed} nothing is available, although ping is answered`,
    kind: "tcp",
    from: "host",
    to,
    port: PORT.closed,
    expect: "closed",
  },
];

const stackCheck = ({ base, name: container }: Named): LabCheck => ({
  id: `3.1-stack-${base}`,
  title: `${container} has a network namespace of its own`,
  kind: "stack",
  at: { container },
  expect: "own",
});

const portChecks = ({ base, name: container }: Named, network: string): LabCheck[] => [
  {
    id: `3.1-interfaces-${base}`,
    title: `${container} has a loopback and one eth0`,
    kind: "interfaces",
    at: { container },
    expect: ["eth0", "lo"],
  },
  {
    id: `4.1-attached-${base}`,
    title: `${container} is on the network ${network}, with an address`,
    kind: "attached",
    container,
    network,
    expect: "address",
  },
  {
    id: `4.2-port-${base}`,
    title: `the other end of ${container}'s eth0 is a port of ${network === ENGINE.bridge.name ? "docker0" : `the bridge of ${network}`}`,
    kind: "bridged",
    container,
    network,
  },
];

/** Only a user-defined bridge resolves names. Neither bridge accepts packets from the other's containers. */
const nameChecks = ([test5, test6, peer5, peer6]: Four): LabCheck[] => [
  {
    id: "4.2-reach",
    title: `${test5.name} reaches ${test6.name} by its address`,
    kind: "ping",
    from: { container: test5.name },
    to: { container: test6.name },
    expect: "reply",
  },
  {
    id: "4.2-no-name",
    title: `${test5.name} does not know the name test6, since docker0 has no name server`,
    kind: "dns",
    from: { container: test5.name },
    name: "test6",
    expect: "unknown",
  },
  {
    id: "4.2-name",
    title: `${peer5.name} knows the name peer6: a user-defined bridge has a name server`,
    kind: "dns",
    from: { container: peer5.name },
    name: "peer6",
    expect: { container: peer6.name },
  },
  {
    id: "4.2-apart",
    title: `${test5.name} does not reach ${peer5.name} on the other bridge`,
    kind: "ping",
    from: { container: test5.name },
    to: { container: peer5.name },
    expect: "silence",
  },
];

const outsideChecks = ({ base, name: container }: Named, host: string, to: Outside): LabCheck[] => [
  {
    id: `4.3-ping-${base}`,
    title: `${container} reaches the outside host, ${to.address}`,
    kind: "ping",
    from: { container },
    to,
    expect: "reply",
  },
  {
    id: `4.3-nat-${base}`,
    title: `to the outside host ${container} comes from the host's address ${host}`,
    kind: "http",
    from: { container },
    to,
    port: PORT.open,
    expect: `^${host.replaceAll(".", "\\.")}$`,
  },
];
