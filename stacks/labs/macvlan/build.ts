import { parseCidr } from "../../../components/lib/cidr.ts";
import { interfaceName, ownerOf } from "../../../components/lib/identity.ts";
import { OutsideHost, outsideHostParts } from "../../../components/OutsideHost.ts";
import type { LabCheck, LabOutputs } from "../../checks.ts";
import type { Lab } from "../../lab.ts";
import type { MacvlanSettings, Made } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";
import { PARENT } from "./description.ts";

/** Port of the web server of the machine on the LAN, which returns each client's source address. */
const PORT = 8080;

/** An address, and the container that keeps it. */
interface Kept {
  readonly address: string;
  readonly of: string;
}

/** A container on the LAN. */
interface OnLan extends Pick<Made, "base" | "name"> {
  readonly address: string;
}

/**
 * Row 10: two containers directly on a LAN. The LAN is the lab's own veth pair, so that no network card of the host is
 * touched: one end is the parent of a macvlan network, at the other end is a machine with a web server.
 */
export default function (lab: Lab, { subnet, ipRange, addresses }: LabSettings["macvlan"], shared: Shared): LabOutputs {
  const { parent, machine } = lanOf(lab, subnet, shared);
  const lan = { address: addresses.machine, of: machine };
  const settings = { parent, subnet, ipRange, gateway: lan.address };
  const network = lab.macvlan("macvlan", "macvlan-net", settings, machine);
  const box = (base: "mac1" | "mac2"): OnLan => {
    const address = addresses[base];
    return { ...lab.container(base, { image: "box", hostname: base, network, address }), address };
  };
  const [mac1, mac2] = [box("mac1"), box("mac2")];
  const host = { address: addresses.host, of: machine };
  const prefix = parseCidr(subnet).subnetMask;
  return {
    urls: {},
    checks: [
      driverCheck(mac1),
      ...[mac1, mac2].flatMap((each) => ownChecks(each, parent.name, prefix)),
      ...[reachChecks(mac1, mac2), reachChecks(mac2, mac1)].flat(),
      ...[mac1, mac2].flatMap((each) => lanChecks(each, lan)),
      hostOnLan(lan),
      ...[mac1, mac2].flatMap((each) => apartChecks(each, host)),
      ...[mac1, mac2].map(publishedCheck),
    ],
  };
}

/**
 * Creates the veth pair. Returns its end on this host, and the name of the container that keeps the machine at the
 * other end.
 */
function lanOf(lab: Lab, subnet: string, { identity, reservation, image }: Shared) {
  const machine = lab.named("lan");
  const cable = { interface: interfaceName(identity, PARENT), subnet };
  const { interface: output } = new OutsideHost(
    "lan",
    { ...cable, containerName: machine, image: image("box"), port: PORT, owner: ownerOf(identity), labels: lab.labels },
    { parent: lab, dependsOn: reservation },
  );
  lab.record(...outsideHostParts(machine, "box", cable, PORT));
  const parent: MacvlanSettings["parent"] = { name: cable.interface, output };
  return { machine, parent };
}

const driverCheck = ({ name: container }: OnLan): LabCheck => ({
  id: "10.1-driver",
  title: `${container} is on a network of the class macvlan, which puts containers on a LAN`,
  kind: "driver",
  at: { container },
  expect: "macvlan",
});

const ownChecks = ({ base, name: container, address }: OnLan, parent: string, prefix: number): LabCheck[] => [
  {
    id: `10.1-mac-${base}`,
    title: `${container} has a MAC address of its own, on an interface whose parent is ${parent}`,
    kind: "macvlan",
    container,
    parent,
    expect: "bridge",
  },
  {
    id: `10.1-address-${base}`,
    title: `${container} has an address of the LAN`,
    kind: "interface",
    at: { container },
    interface: "eth0",
    expect: { state: "up", address: `${address}/${prefix}` },
  },
];

const reachChecks = (from: OnLan, to: OnLan): LabCheck[] => [
  {
    id: `10.2-ping-${from.base}`,
    title: `${from.name} reaches ${to.name} by its address`,
    kind: "ping",
    from: { container: from.name },
    to: { container: to.name },
    expect: "reply",
  },
  {
    id: `10.2-name-${from.base}`,
    title: `${from.name} knows the name ${to.base}: a macvlan network has Docker's name server`,
    kind: "dns",
    from: { container: from.name },
    name: to.base,
    expect: { container: to.name },
  },
];

const lanChecks = ({ base, name: container, address }: OnLan, to: Kept): LabCheck[] => [
  {
    id: `10.3-ping-${base}`,
    title: `${container} reaches the machine on the LAN, ${to.address}`,
    kind: "ping",
    from: { container },
    to,
    expect: "reply",
  },
  {
    id: `10.3-source-${base}`,
    title: `to that machine ${container} comes from its own address ${address}: there is no NAT`,
    kind: "http",
    from: { container },
    to,
    port: PORT,
    expect: `^${address.replaceAll(".", "\\.")}$`,
  },
];

const hostOnLan = (to: Kept): LabCheck => ({
  id: "10.4-host",
  title: "the host reaches the machine on the LAN, by the parent",
  kind: "ping",
  from: "host",
  to,
  expect: "reply",
});

const apartChecks = ({ base, name: container }: OnLan, host: Kept): LabCheck[] => [
  {
    id: `10.4-apart-${base}`,
    title: `the host does not reach ${container}: the parent does not talk with its macvlan interfaces`,
    kind: "ping",
    from: "host",
    to: { container },
    expect: "silence",
  },
  {
    id: `10.4-back-${base}`,
    title: `nor does ${container} reach the host's address on the LAN, ${host.address}`,
    kind: "ping",
    from: { container },
    to: host,
    expect: "silence",
  },
];

const publishedCheck = ({ base, name: container }: OnLan): LabCheck => ({
  id: `10.5-unpublished-${base}`,
  title: `no port of the host leads to ${container}, and the LAN needs none`,
  kind: "published",
  container,
  expect: [],
});
