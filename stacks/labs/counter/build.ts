import { HitCounter, hitCounterParts } from "../../../components/HitCounter.ts";
import type { LabCheck, LabOutputs } from "../../checks.ts";
import { reachableAddress } from "../../config.ts";
import { GREETING, VISITS } from "../../hitCounterChecks.ts";
import type { Lab } from "../../lab.ts";
import type { Shared } from "../../shared.ts";
import type { LabSettings } from "../index.ts";

/** Row 8 of the tutorial: a Flask application that counts its visits in redis; the one published, the other not. */
export default function (
  lab: Lab,
  settings: LabSettings["counter"],
  { publishAddress, image, reservation }: Shared,
): LabOutputs {
  const { port } = settings;
  const names = { redis: lab.named("redis"), web: lab.named("flask-redis"), volume: lab.named("redis-hits") };
  const network = lab.network("counter", "counter-net", settings);
  const publish = { address: publishAddress, port };
  const images = { redis: image("redis"), web: image("web") };
  new HitCounter(
    "hit-counter",
    { network: network.networkName, images, names, publish, labels: lab.labels },
    { parent: lab, dependsOn: reservation },
  );
  lab.record(...hitCounterParts(network.name, names, publish));

  return {
    urls: { counter: `http://${reachableAddress(publishAddress)}:${port}/` },
    checks: [...backEndChecks(names.redis), ...frontEndChecks(names, publishAddress, port)],
  };
}

const backEndChecks = (redis: string): LabCheck[] => [
  {
    id: "8.1-unpublished",
    title: `no port of the host leads to ${redis}`,
    kind: "published",
    container: redis,
    expect: [],
  },
  {
    id: "8.1-tcp",
    title: `${redis} takes connections at its container address`,
    kind: "tcp",
    from: "host",
    to: { container: redis },
    port: 6379,
    expect: "open",
  },
];

const frontEndChecks = (names: { redis: string; web: string }, address: string, port: number): LabCheck[] => [
  {
    id: "8.2-greeting",
    title: `${names.web} answers with the tutorial's sentence`,
    kind: "http",
    from: "host",
    to: { container: names.web },
    port: 5000,
    expect: GREETING,
  },
  {
    id: "8.3-env",
    title: `${names.web} is told by REDIS_HOST where redis is`,
    kind: "environment",
    container: names.web,
    variable: "REDIS_HOST",
    expect: "redis",
  },
  {
    id: "8.3-dns",
    title: `inside ${names.web} the name redis gives the address of ${names.redis}`,
    kind: "dns",
    from: { container: names.web },
    name: "redis",
    expect: { container: names.redis },
  },
  {
    id: "8.3-ping",
    title: `${names.web} reaches ${names.redis}`,
    kind: "ping",
    from: { container: names.web },
    to: { container: names.redis },
    expect: "reply",
  },
  {
    id: "8.3-http",
    title: `inside ${names.web} the application answers on 127.0.0.1:5000`,
    kind: "http",
    from: { container: names.web },
    to: { address: "127.0.0.1" },
    port: 5000,
    expect: GREETING,
  },
  {
    id: "8.4-published",
    title: `port ${port} of ${address} leads to ${names.web}, and no other port does`,
    kind: "published",
    container: names.web,
    expect: [`${address}:${port}->5000/tcp`],
  },
  {
    id: "8.4-counts",
    title: `${VISITS} visits at once through port ${port} raise the hits by exactly ${VISITS}`,
    kind: "counts",
    to: { address: reachableAddress(address) },
    port,
    requests: VISITS,
  },
];
