import { parseCidr } from "../../../components/lib/cidr.ts";
import { failureTolerance } from "../../../components/lib/etcd.ts";
import type { Check } from "../../../stacks/checks.ts";
import { clusterStore } from "../../host/engineInfo.ts";
import { etcdHealthy, etcdMembers, etcdVersion, storedNetwork } from "../../host/etcd.ts";
import { parseInterfaces } from "../../host/interfaces.ts";
import type { Machines } from "../../host/machine.ts";
import { insideOverlay } from "../../host/overlayFacts.ts";
import { ProbeError } from "../../host/probeError.ts";
import { addressOf, type Finding, networkOf, running } from "./from.ts";

type CheckOf<K extends Check["kind"]> = Extract<Check, { kind: K }>;

/** Whether all machines have one version of etcd, of those that have the v2 API. */
export async function versions({ hosts }: CheckOf<"versions">, machines: Machines): Promise<Finding> {
  const found = await Promise.all(hosts.map(async (host) => (await etcdVersion(machines(host))) ?? `none on ${host}`));
  const distinct = [...new Set(found)];
  const passed = distinct.length === 1 && /^3\.[345]\./.test(distinct[0] ?? "");
  return { passed, found: `etcd ${distinct.join(" and ")}` };
}

/** Whether a program runs with the arguments that it should. */
export async function process({ on, program, expect }: CheckOf<"process">, machines: Machines): Promise<Finding> {
  const script = 'for pid in $(pidof "$0"); do tr "\\0" "\\n" <"/proc/$pid/cmdline"; echo; done';
  const words = (await machines(on).attempt(["sh", "-c", script, program]))?.split("\n") ?? [];
  if (words.length <= 1) return { passed: false, found: `${program} does not run on ${on}` };
  // A flag and its value may be one word or two.
  const given = new Set([...words, ...words.map((word, i) => `${word}=${words[i + 1] ?? ""}`)]);
  const missing = expect.filter((argument) => !given.has(argument));
  return {
    passed: missing.length === 0,
    found: missing.length === 0 ? `${program} runs with them` : `not ${missing.join(" ")}`,
  };
}

/** Whether a member of etcd's cluster knows of all others, and of a quorum of them that answers. */
export async function quorum({ on, members }: CheckOf<"quorum">, machines: Machines): Promise<Finding> {
  const machine = machines(on);
  const names = Object.keys(members).sort();
  const [healthy, known = [], ...answers] = await Promise.all([
    etcdHealthy(machine),
    etcdMembers(machine),
    ...Object.values(members).map((url) => etcdVersion(machine, url)),
  ]);
  const answering = answers.filter((answer) => answer !== undefined).length;
  const alive = `${answering} of ${names.length} members answer ${on}`;
  if (!healthy) {
    const tolerated = failureTolerance(names.length);
    return { passed: false, found: `no quorum: ${alive}, and ${names.length} tolerate ${tolerated} failures` };
  }
  const found = known.map(({ name }) => name);
  return { passed: found.join() === names.join() && answering === names.length, found: `healthy, ${alive}` };
}

/** Which cluster store a machine's engine has. */
export async function store({ on, expect }: CheckOf<"store">, machines: Machines): Promise<Finding> {
  const found = await clusterStore(machines(on));
  if (found === undefined) return { passed: false, found: `no engine answers on ${on}` };
  const { url, advertise } = found;
  return {
    passed: url === expect.store && advertise === expect.advertise,
    found: url === "" ? "no cluster store" : `${url}, advertised as ${advertise}`,
  };
}

/** Whether machines show one and the same network. */
export async function shared({ network, hosts }: CheckOf<"shared">, machines: Machines): Promise<Finding> {
  const ids = await Promise.all(
    hosts.map(async (host) => (await machines(host).networks()).get(network)?.id ?? `none on ${host}`),
  );
  const distinct = [...new Set(ids.map((id) => id.slice(0, 24)))];
  return { passed: distinct.length === 1 && !distinct[0]?.startsWith("none"), found: distinct.join(", ") };
}

/** Whether etcd holds a network under the id that Docker shows. */
export async function stored({ network, on }: CheckOf<"stored">, machines: Machines): Promise<Finding> {
  const machine = machines(on);
  const { id } = await networkOf(machine, network);
  const value = await storedNetwork(machine, id);
  if (!value) return { passed: false, found: `etcd has no network ${id.slice(0, 24)}` };
  const { id: kept, name } = value;
  return { passed: kept === id && name === network, found: `${name} is ${kept.slice(0, 24)} in etcd` };
}

/** Whether a container's name is taken on all machines of its network. What the attempt leaves behind is removed. */
export async function duplicate(
  { on, network, container, holder }: CheckOf<"duplicate">,
  machines: Machines,
): Promise<Finding> {
  const machine = machines(on);
  const { subnets } = await networkOf(machine, network);
  const containers = [...(await machine.containers()).values()];
  if (containers.some(({ name }) => name === container)) {
    throw new ProbeError(`${on} has a container ${container}, so no second one can be tried`);
  }
  // Any image will do, since the container must never start.
  const image = await machine.attempt(["docker", "images", "--quiet", "--no-trunc"]);
  // While the other machine starts anew the name is free. To take it then would keep the container from starting there.
  await running(machines(holder), container);
  // Nor may this one have the other's address: an engine that had it goes on sending packets for it to itself.
  const [subnet = ""] = subnets;
  const address = parseCidr(subnet).endAddressExclusive().correctForm();
  // Removed before anything is said, since nobody may listen any more.
  const script = `said=$(docker run --name "$0" --network "$1" --ip "$3" "$2" true 2>&1); code=$?
    docker rm --force "$0" >/dev/null; echo "$said"; echo "exit code $code"`;
  const said = await machine.attempt(["sh", "-c", script, container, network, image?.split("\n")[0] ?? "", address]);
  const refused = new RegExp(`endpoint with name ${container} already exists in network ${network}`).exec(said ?? "");
  return { passed: refused !== null, found: refused?.[0] ?? `not refused: ${said?.slice(-80) ?? "no answer"}` };
}

/** How many echo requests are sent to see whether they leave as VXLAN. */
const REQUESTS = 5;

/** Whether packets between two machines' containers leave through the network's VXLAN interface (RFC 7348). */
export async function vxlan({ from, to, network }: CheckOf<"vxlan">, machines: Machines): Promise<Finding> {
  const machine = machines(from.on);
  const { id } = await networkOf(machine, network);
  await running(machine, from.container);
  const address = await addressOf(machines, to);
  const script = `look() { inside ip -s -d -j link show type vxlan; }
    look; docker exec "$1" ping -c ${REQUESTS} -i 0.2 "$2" >/dev/null; look`;
  const printed = await insideOverlay(machine, id, script, from.container, address);
  const looks = (printed ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseInterfaces(line, "ip link"));
  const [before, after] = looks.map(([first]) => first?.link);
  if (!before || !after) return { passed: false, found: `${network} has no VXLAN interface on ${from.on}` };
  const sent = (after.tx ?? 0) - (before.tx ?? 0);
  const found = `${sent} packets more as VXLAN network ${after.vni}, for ${REQUESTS} requests`;
  return { passed: sent >= REQUESTS, found };
}
