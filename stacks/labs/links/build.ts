import type * as pulumi from "@pulumi/pulumi";
import { LinkedContainer, linkedContainerParts } from "../../../components/linked-container/LinkedContainer.ts";
import type { LabCheck, LabOutputs } from "../../checks.ts";
import type { Lab } from "../../lab.ts";
import { type ContainerSettings, ENGINE, type Made } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";

/** Port of MySQL, the service that the tutorial suggests behind the name. */
const PORT = 3306;

interface Names {
  readonly test7: string;
  readonly test8: string;
  readonly peer7: string;
  readonly peer8: string;
}

/** Row 5 of the tutorial: a legacy link resolves names in one direction, a user-defined network in both. */
export default function (lab: Lab, settings: LabSettings["links"], { image }: Shared): LabOutputs {
  const listening = {
    image: "box",
    listens: PORT,
    command: ["listen.sh", String(PORT)],
    healthcheck: `curl -fsS -o /dev/null http://127.0.0.1:${PORT}/`,
  } satisfies Partial<ContainerSettings>;
  const test7 = lab.container("test7", { ...listening, hostname: "test7", network: ENGINE.bridge });
  const test8 = linked(lab, image("box"), "test8", test7, "test7");

  const own = lab.network("links", "links-net", settings);
  const peer7 = lab.container("peer7", { ...listening, hostname: "peer7", network: own });
  const peer8 = lab.container("peer8", { image: "box", hostname: "peer8", network: own });

  const names: Names = { test7: test7.name, test8, peer7: peer7.name, peer8: peer8.name };
  return { urls: {}, checks: [...linkChecks(names), ...networkChecks(names)] };
}

/** Creates a container on the default bridge with a legacy link to another one there, which it knows by `alias`. */
function linked(lab: Lab, image: pulumi.Input<string>, hostname: string, to: Made, alias: string): string {
  const containerName = lab.named(hostname);
  const target = to.container.containerId;
  new LinkedContainer(
    hostname,
    { host: { kind: "local" }, containerName, hostname, image, target, alias, labels: lab.labels },
    { parent: lab },
  );
  lab.record(...linkedContainerParts(containerName, "box", to.name, alias));
  return containerName;
}

const linkChecks = ({ test7, test8 }: Names): LabCheck[] => [
  {
    id: "5.1-ping",
    title: `${test8} reaches ${test7} by its address`,
    kind: "ping",
    from: { container: test8 },
    to: { container: test7 },
    expect: "reply",
  },
  {
    id: "5.1-name",
    title: `${test8} knows the name test7, by its link`,
    kind: "dns",
    from: { container: test8 },
    name: "test7",
    expect: { container: test7 },
  },
  {
    id: "5.2-no-name",
    title: `${test7} does not know the name test8: a link has a direction`,
    kind: "dns",
    from: { container: test7 },
    name: "test8",
    expect: "unknown",
  },
  {
    id: "5.2-ping",
    title: `${test7} reaches ${test8} all the same, by its address`,
    kind: "ping",
    from: { container: test7 },
    to: { container: test8 },
    expect: "reply",
  },
  {
    id: "5.3-service",
    title: `${test8} reaches the service at test7:${PORT}`,
    kind: "tcp",
    from: { container: test8 },
    to: { address: "test7" },
    port: PORT,
    expect: "open",
  },
];

const networkChecks = ({ peer7, peer8 }: Names): LabCheck[] => [
  {
    id: "5.1-network-name",
    title: `on the user-defined network ${peer8} knows the name peer7 without a link`,
    kind: "dns",
    from: { container: peer8 },
    name: "peer7",
    expect: { container: peer7 },
  },
  {
    id: "5.2-network-name",
    title: `and ${peer7} knows the name peer8: names go both ways`,
    kind: "dns",
    from: { container: peer7 },
    name: "peer8",
    expect: { container: peer8 },
  },
  {
    id: "5.3-network-service",
    title: `${peer8} reaches the service at peer7:${PORT}`,
    kind: "tcp",
    from: { container: peer8 },
    to: { address: "peer7" },
    port: PORT,
    expect: "open",
  },
];
