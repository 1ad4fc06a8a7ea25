import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { HitCounter, REDIS_PORT, WEB_PORT } from "../components/HitCounter.ts";
import { objectName, ownerLabels } from "../components/lib/identity.ts";
import type { Claim, LabOutputs } from "./checks.ts";
import { type Config, reachableAddress } from "./config.ts";
import { containerPart, networkPart, publishPart } from "./parts.ts";
import type { Shared } from "./shared.ts";

const GREETING = "^Hello Container World! I have been seen \\d+ times and my hostname is [0-9a-f]{12}\\.$";
/** How many visits the counting check makes at once. */
const VISITS = 200;

/** Row 8 of the tutorial: a Flask application that counts its visits in redis; the one published, the other not. */
export function counter({ identity, publishAddress, ...config }: Config, { claim, image }: Shared): LabOutputs {
  const port = config.port.counter;
  const labels = ownerLabels(identity, "counter");
  const names = {
    redis: objectName(identity, "redis"),
    web: objectName(identity, "flask-redis"),
    volume: objectName(identity, "redis-hits"),
  };

  const own = objectName(identity, "counter-net");
  const network = new BridgeNetwork("counter", {
    networkName: own,
    ...config.network.counter,
    after: claim,
    labels,
  });
  new HitCounter("hit-counter", {
    network: network.networkName,
    images: { redis: image("redis"), web: image("web") },
    names,
    publish: { address: publishAddress, port },
    after: claim,
    labels,
  });

  return {
    urls: { counter: `http://${reachableAddress(publishAddress)}:${port}/` },
    checks: [...backEndClaims(names.redis), ...frontEndClaims(names, publishAddress, port)],
    topology: [
      networkPart(own, { driver: "bridge", ...config.network.counter }),
      containerPart({ name: names.redis, image: "redis", networks: [own], listens: REDIS_PORT }),
      containerPart({ name: names.web, image: "web", networks: [own], listens: WEB_PORT }),
      publishPart(publishAddress, port, names.web, WEB_PORT),
    ],
  };
}

const backEndClaims = (redis: string): Claim[] => [
  {
    id: "8.1-unpublished",
    says: `no port of the host leads to ${redis}`,
    kind: "published",
    container: redis,
    expect: [],
  },
  {
    id: "8.1-tcp",
    says: `${redis} takes connections at its container address`,
    kind: "tcp",
    from: "host",
    to: { container: redis },
    port: 6379,
    expect: "open",
  },
];

const frontEndClaims = (names: { redis: string; web: string }, address: string, port: number): Claim[] => [
  {
    id: "8.2-greeting",
    says: `${names.web} answers with the tutorial's sentence`,
    kind: "http",
    from: "host",
    to: { container: names.web },
    port: 5000,
    expect: GREETING,
  },
  {
    id: "8.3-env",
    says: `${names.web} is told by REDIS_HOST where redis is`,
    kind: "environment",
    container: names.web,
    variable: "REDIS_HOST",
    expect: "redis",
  },
  {
    id: "8.3-dns",
    says: `inside ${names.web} the name redis gives the address of ${names.redis}`,
    kind: "dns",
    from: { container: names.web },
    name: "redis",
    expect: { container: names.redis },
  },
  {
    id: "8.3-ping",
    says: `${names.web} reaches ${names.redis}`,
    kind: "ping",
    from: { container: names.web },
    to: { container: names.redis },
    expect: "reply",
  },
  {
    id: "8.3-http",
    says: `inside ${names.web} the application answers on 127.0.0.1:5000`,
    kind: "http",
    from: { container: names.web },
    to: { address: "127.0.0.1" },
    port: 5000,
    expect: GREETING,
  },
  {
    id: "8.4-published",
    says: `port ${port} of ${address} leads to ${names.web}, and no other port does`,
    kind: "published",
    container: names.web,
    expect: [`${address}:${port}->5000/tcp`],
  },
  {
    id: "8.4-counts",
    says: `${VISITS} visits at once through port ${port} raise the hits by exactly ${VISITS}`,
    kind: "counts",
    to: { address: reachableAddress(address) },
    port,
    requests: VISITS,
  },
];
