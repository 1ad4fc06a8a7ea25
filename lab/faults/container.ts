import type { Container } from "../host/containers.ts";
import { cableFaults } from "./cable.ts";
import { type Context, containersOf, type EnvironmentHost, type Fault, upAgain } from "./context.ts";
import { type Expected, expectedOf } from "./expected.ts";
import { hostFaults } from "./host.ts";
import { hostsFileFaults } from "./hostsFile.ts";
import { isTask } from "./swarm.ts";

/** The way out of containers of an overlay network, on which the engine does not list them. */
const OWN_WAY_OUT = "docker_gwbridge";

/** What is wrong with a container of an environment, the likeliest cause first. */
export async function containerFaults(context: Context, host: EnvironmentHost, name: string): Promise<Fault[]> {
  const expected = expectedOf(context.outputs.topology, name, host.on);
  const container = (await containersOf(host)).get(name);
  // The managers know why: they start another container for a task, and never the same one again.
  const isLostTask = !container?.running && isTask(context, name);
  if (!container || isLostTask) {
    const down = await hostFaults(host);
    if (down.length > 0) return down;
    return isLostTask
      ? [{ title: `no task of the service ${name} runs on ${host.name}`, symptom: true }]
      : [{ title: `there is no container ${name} on ${host.name}`, fix: upAgain(context) }];
  }
  const { details } = container;
  const own = expected ? ownerFaults(context, container) : [];
  if (!container.running) {
    const why = details.error === "" ? `ended with exit code ${details.exitCode}` : `could not start: ${details.error}`;
    return [...own, { title: `the container ${name} does not run: it ${why}`, fix: `docker start ${name}` }];
  }
  return [
    ...own,
    ...(expected ? [...networkFaults(context, container, expected), ...publishFaults(container, expected)] : []),
    ...(await cableFaults(host, container, expected)),
    ...(await hostsFileFaults(host, container, expected?.links ?? [])),
    ...nameFaults(context, container),
    ...environmentFaults(context, container),
    ...healthFaults(container),
  ];
}

function ownerFaults(context: Context, { name, labels }: Container): Fault[] {
  if (labels["dockernet.stack"] === context.environment) return [];
  const title = `the container ${name} was not made by this environment, whose labels it lacks`;
  return [{ title, fix: `docker rm --force ${name} && ${upAgain(context)}` }];
}

const wantedNetworks = ({ networks }: Pick<Expected, "networks">): string[] =>
  networks.filter((network) => network !== OWN_WAY_OUT);

/** The networks on which a container should be and is not. */
export const missingNetworks = (
  { addresses }: Pick<Container, "addresses">,
  expected: Pick<Expected, "networks">,
): string[] => wantedNetworks(expected).filter((network) => !(network in addresses));

function networkFaults(context: Context, container: Container, expected: Expected): Fault[] {
  const { name, addresses, details } = container;
  const wanted = wantedNetworks(expected);
  const found = Object.keys(addresses);
  const missing = missingNetworks(container, expected);
  const extra = found.filter((network) => !wanted.includes(network));
  if (details.networkMode === "host" && missing.length > 0) {
    const title = `the container ${name} runs with the host's network, the state says ${missing.join(", ")}`;
    return [{ title, fix: upAgain(context) }];
  }
  if (missing.length > 0) {
    const is = extra.length > 0 ? `is on the network ${extra.join(", ")}` : "is on no network";
    return [{ title: `the container ${name} ${is}, the state says ${missing.join(", ")}`, fix: upAgain(context) }];
  }
  return extra.map((network) => ({
    title: `the container ${name} is on the network ${network}, too, the state says only ${wanted.join(", ")}: it has an interface more, and the name server of a user-defined network`,
    fix: `docker network disconnect ${network} ${name}`,
  }));
}

function publishFaults({ name, published }: Container, expected: Expected): Fault[] {
  const lab = expected.published.length === 0 ? "none" : expected.published.join(", ");
  const extra = published.filter((each) => !expected.published.includes(each));
  const missing = expected.published.filter((each) => !published.includes(each));
  return [
    ...extra.map((each) => ({ title: `${each} is published for ${name}, the lab publishes ${lab}` })),
    ...missing.map((each) => ({ title: `${each} is not published for ${name}, so no port of the host leads to it` })),
  ];
}

/** The names that others of its networks know it by, as far as a check asks for one. */
function nameFaults({ outputs }: Context, { name, addresses, details }: Container): Fault[] {
  const known = [name, ...Object.values(details.aliases).flat()];
  const asked = outputs.checks.flatMap((check) => {
    if (check.kind !== "dns" || check.expect === "unknown" || check.expect.container !== name) return [];
    const linked = expectedOf(outputs.topology, check.from.container, check.from.on)?.links.includes(check.name);
    return linked || known.includes(check.name) ? [] : [check.name];
  });
  const [network = ""] = Object.keys(addresses);
  return [...new Set(asked)].map((wanted) => ({
    title: `no name server knows the container ${name} by the name ${wanted}: on the network ${network} its names are ${known.join(", ")}`,
    fix: `docker network disconnect ${network} ${name} && docker network connect --alias ${wanted} ${network} ${name}`,
  }));
}

function environmentFaults(context: Context, { name, details }: Container): Fault[] {
  return context.outputs.checks.flatMap((check) => {
    if (check.kind !== "environment" || check.container !== name) return [];
    const found = details.env.find((each) => each.startsWith(`${check.variable}=`));
    if (found === `${check.variable}=${check.expect}`) return [];
    const made = found ?? `no variable ${check.variable}`;
    const title = `the container ${name} was made with ${made}, the lab has ${check.variable}=${check.expect}`;
    return [{ title, fix: upAgain(context) }];
  });
}

function healthFaults({ name, health, details }: Container): Fault[] {
  if (health !== "unhealthy" && health !== "starting") return [];
  const said = details.health === "" ? "has printed nothing" : `printed last: ${details.health.split("\n").at(-1)}`;
  return [
    {
      title: `the container ${name} is ${health}: its health check ${said}`,
      fix: `docker logs ${name}`,
      symptom: true,
    },
  ];
}
