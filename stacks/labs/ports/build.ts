import type { LabCheck, LabOutputs } from "../../checks.ts";
import { reachableAddress } from "../../config.ts";
import type { Lab } from "../../lab.ts";
import type { ContainerSettings } from "../../section.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";

const WELCOME = "Welcome to nginx!";
/** Capabilities that nginx needs as root, to bind port 80 and to switch to its own user. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"];

/** Row 6 of the tutorial: nginx that is reachable only at its container address, and nginx with a published port. */
export default function (lab: Lab, settings: LabSettings["ports"], { publishAddress }: Shared): LabOutputs {
  const publish = { address: publishAddress, port: settings.port };
  const nginx = {
    image: "nginx",
    network: lab.network("ports", "ports-net", settings),
    listens: 80,
    healthcheck: "curl -fsS -o /dev/null http://127.0.0.1:80/",
    capabilities: CAPABILITIES,
  } satisfies ContainerSettings;
  const unpublished = lab.container("web-unpublished", { ...nginx, aliases: ["web-unpublished"] });
  const web = lab.container("web", { ...nginx, aliases: ["web"], publish });

  return {
    urls: { web: `http://${reachableAddress(publishAddress)}:${publish.port}/` },
    checks: [...unpublishedChecks(unpublished.name), ...publishedChecks(web.name, publishAddress, publish.port)],
  };
}

const unpublishedChecks = (container: string): LabCheck[] => [
  {
    id: "6.1-ping",
    title: `the host reaches ${container} by its container address`,
    kind: "ping",
    from: "host",
    to: { container },
    expect: "reply",
  },
  {
    id: "6.1-http",
    title: `${container} serves its welcome page at its container address`,
    kind: "http",
    from: "host",
    to: { container },
    port: 80,
    expect: WELCOME,
  },
  {
    id: "6.1-unpublished",
    title: `no port of the host leads to ${container}`,
    kind: "published",
    container,
    expect: [],
  },
];

const publishedChecks = (container: string, address: string, port: number): LabCheck[] => [
  {
    id: "6.2-published",
    title: `port ${port} of ${address} leads to ${container}, and no other port does`,
    kind: "published",
    container,
    expect: [`${address}:${port}->80/tcp`],
  },
  {
    id: "6.2-http",
    title: `port ${port} of the host serves the welcome page`,
    kind: "http",
    from: "host",
    to: { address: reachableAddress(address) },
    port,
    expect: WELCOME,
  },
];
