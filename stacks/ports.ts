import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { objectName, ownerLabels } from "../components/lib/identity.ts";
import { PublishedService } from "../components/PublishedService.ts";
import type { Claim, LabOutputs } from "./checks.ts";
import { type Config, reachableAddress } from "./config.ts";
import { containerPart, networkPart, publishPart } from "./parts.ts";
import type { Shared } from "./shared.ts";

const WELCOME = "Welcome to nginx!";
/** What nginx needs as root: to take port 80, and to become its own user. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"];

/** Row 6 of the tutorial: nginx that only its container address leads to, and nginx that the host publishes. */
export function ports({ identity, publishAddress, ...config }: Config, { claim, image }: Shared): LabOutputs {
  const port = config.port.ports;
  const labels = ownerLabels(identity, "ports");
  const hidden = objectName(identity, "web-unpublished");
  const published = objectName(identity, "web");
  const own = objectName(identity, "ports-net");

  const network = new BridgeNetwork("ports", {
    networkName: own,
    ...config.network.ports,
    after: claim,
    labels,
  });
  const nginx = {
    image: image("nginx"),
    network: network.networkName,
    port: 80,
    healthcheck: "curl -fsS -o /dev/null http://127.0.0.1:80/",
    capabilities: CAPABILITIES,
    labels,
  };
  const unpublished = new PublishedService("web-unpublished", {
    ...nginx,
    containerName: hidden,
    hostname: "web-unpublished",
  });
  new PublishedService("web", {
    ...nginx,
    containerName: published,
    hostname: "web",
    after: unpublished,
    publish: { address: publishAddress, port },
  });

  return {
    urls: { web: `http://${reachableAddress(publishAddress)}:${port}/` },
    checks: [...unpublishedClaims(hidden), ...publishedClaims(published, publishAddress, port)],
    topology: [
      networkPart(own, { driver: "bridge", ...config.network.ports }),
      ...[hidden, published].map((name) =>
        containerPart({ name, image: "nginx", networks: [own], listens: nginx.port }),
      ),
      publishPart(publishAddress, port, published, nginx.port),
    ],
  };
}

const unpublishedClaims = (container: string): Claim[] => [
  {
    id: "6.1-ping",
    says: `the host reaches ${container} by its container address`,
    kind: "ping",
    from: "host",
    to: { container },
    expect: "reply",
  },
  {
    id: "6.1-http",
    says: `${container} serves its welcome page at its container address`,
    kind: "http",
    from: "host",
    to: { container },
    port: 80,
    expect: WELCOME,
  },
  {
    id: "6.1-unpublished",
    says: `no port of the host leads to ${container}`,
    kind: "published",
    container,
    expect: [],
  },
];

const publishedClaims = (container: string, address: string, port: number): Claim[] => [
  {
    id: "6.2-published",
    says: `port ${port} of ${address} leads to ${container}, and no other port does`,
    kind: "published",
    container,
    expect: [`${address}:${port}->80/tcp`],
  },
  {
    id: "6.2-http",
    says: `port ${port} of the host serves the welcome page`,
    kind: "http",
    from: "host",
    to: { address: reachableAddress(address) },
    port,
    expect: WELCOME,
  },
];
