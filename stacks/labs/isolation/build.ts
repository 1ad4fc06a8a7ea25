import type { LabCheck, LabOutputs } from "../../checks.ts";
import { reachableAddress } from "../../config.ts";
import type { Lab } from "../../lab.ts";
import { ENGINE } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";

/** Row 7 of the tutorial: a container with only a loopback, and one on the host's network. */
export default function (lab: Lab, { port }: LabSettings["isolation"], { publishAddress }: Shared): LabOutputs {
  const address = reachableAddress(publishAddress);
  const test10 = lab.container("test10", { image: "box", hostname: "test10", network: ENGINE.none });
  const test11 = lab.container("test11", {
    image: "box",
    network: ENGINE.host,
    listens: port,
    command: ["listen.sh", String(port), publishAddress],
    // Allows a port below 1024; on the host's network that requires this capability.
    capabilities: ["NET_BIND_SERVICE"],
    healthcheck: `curl -fsS -o /dev/null http://${address}:${port}/`,
  });

  return { urls: {}, checks: [...noneChecks(test10.name), ...hostChecks(test11.name, address, port)] };
}

const noneChecks = (container: string): LabCheck[] => [
  {
    id: "1.1-none",
    title: `${container} is on the network none, whose class is for containers without a network`,
    kind: "driver",
    at: { container },
    expect: "null",
  },
  {
    id: "7.1-attached",
    title: `${container} is on the network none, without an address`,
    kind: "attached",
    container,
    network: "none",
    expect: "no address",
  },
  {
    id: "7.1-interfaces",
    title: `${container} has nothing but a loopback`,
    kind: "interfaces",
    at: { container },
    expect: ["lo"],
  },
  {
    id: "7.1-stack",
    title: `${container} has a network namespace of its own`,
    kind: "stack",
    at: { container },
    expect: "own",
  },
  {
    id: "7.1-silence",
    title: `${container} does not reach even the host's docker0`,
    kind: "ping",
    from: { container },
    to: { gateway: "bridge" },
    expect: "silence",
  },
  {
    id: "7.1-unpublished",
    title: `no port of the host leads to ${container}`,
    kind: "published",
    container,
    expect: [],
  },
];

const hostChecks = (container: string, address: string, port: number): LabCheck[] => [
  {
    id: "1.1-host",
    title: `${container} is on a network of the class host, which is the host's own`,
    kind: "driver",
    at: { container },
    expect: "host",
  },
  {
    id: "7.2-attached",
    title: `${container} is on the network host, without an address of its own`,
    kind: "attached",
    container,
    network: "host",
    expect: "no address",
  },
  {
    id: "7.2-stack",
    title: `${container} is in the host's network namespace`,
    kind: "stack",
    at: { container },
    expect: "host",
  },
  {
    id: "7.2-interfaces",
    title: `${container} sees the host's interfaces`,
    kind: "interfaces",
    at: { container },
    expect: "host",
  },
  {
    id: "7.2-published",
    title: `nothing is published for ${container}`,
    kind: "published",
    container,
    expect: [],
  },
  {
    id: "7.2-socket",
    title: `and yet it answers on the host's port ${port}: its sockets are the host's`,
    kind: "tcp",
    from: "host",
    to: { address },
    port,
    expect: "open",
  },
];
