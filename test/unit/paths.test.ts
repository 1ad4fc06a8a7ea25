import assert from "node:assert/strict";
import { hostId, nodeId, parseNodeId } from "../../components/lib/nodeId.ts";
import { pathBetween } from "../../lab/topology/paths.ts";
import { buildLabs } from "../../stacks/buildLabs.ts";
import type { Check } from "../../stacks/checks.ts";
import { parseConfig } from "../../stacks/config.ts";
import type { Topology, TopologyLink, TopologyNode } from "../../stacks/topology.ts";
import { TOGETHER } from "../together.ts";
import { recordResources, settled } from "./mocks.ts";

const node = (id: string, inside?: string, facts: Record<string, string> = {}): TopologyNode => {
  const { kind, name } = parseNodeId(id);
  const inner = inside === undefined ? {} : { in: inside };
  return { id, kind: kind as TopologyNode["kind"], name: name || "this host", ...inner, facts };
};
const link = (kind: TopologyLink["kind"], from: string, to: string): TopologyLink => ({ kind, from, to, facts: {} });
const bridge = { driver: "bridge" };

/** Two of the user's hosts besides this one, each with an engine, and an overlay network across both. */
const HOSTS: Topology = {
  nodes: [
    ...["host:", "host:a", "host:b"].map((id) => node(id)),
    node("network:net", "host:", { ...bridge, subnet: "10.1.0.0/24" }),
    node("network:same@a", "host:a", { ...bridge, subnet: "10.1.0.0/25" }),
    node("network:other@b", "host:b", { ...bridge, subnet: "10.3.0.0/24" }),
    ...["a", "b"].map((on) => node(`network:demo@${on}`, `host:${on}`, { driver: "overlay" })),
    ...["a", "b"].map((on) => node(`network:docker_gwbridge@${on}`, `host:${on}`, bridge)),
    node("container:here", "host:"),
    node("container:on-a@a", "host:a"),
    node("container:on-b@b", "host:b"),
    ...["one@a", "two@b", "beside@a"].map((id) => node(`container:${id}`, `host:${id.slice(-1)}`)),
    node("port:0.0.0.0:80", "host:", { address: "0.0.0.0" }),
    node("port:127.0.0.1:81", "host:", { address: "127.0.0.1" }),
    node("namespace:loose", "host:"),
    node("member:a@a", "host:a"),
  ],
  links: [
    link("veth", "container:here", "network:net"),
    link("veth", "container:on-a@a", "network:same@a"),
    link("veth", "container:on-b@b", "network:other@b"),
    link("vxlan", "network:demo@a", "network:demo@b"),
    ...["one@a", "two@b"].flatMap((id) => [
      link("veth", `container:${id}`, `network:demo@${id.slice(-1)}`),
      link("veth", `container:${id}`, `network:docker_gwbridge@${id.slice(-1)}`),
    ]),
    link("veth", "container:beside@a", "network:docker_gwbridge@a"),
    link("publish", "port:0.0.0.0:80", "container:here"),
    link("publish", "port:127.0.0.1:81", "container:here"),
  ],
};

/** All labs, with the namespaces on a practice node. */
async function everything() {
  const identity = { project: "dockernet", stack: "practice" };
  const seen = await recordResources(identity);
  const raw = { labs: JSON.stringify(TOGETHER), namespaces: '{"host":"docker-node1"}' };
  const outputs = buildLabs(parseConfig(identity, raw, "debian"));
  await settled(seen);
  return outputs;
}

const told = (topology: Topology, from: string, to: string): string => {
  const path = pathBetween(topology, from, to);
  const names = [from, ...path.hops.map((hop) => hop.to)].join(" > ");
  return path.blocked === undefined ? names : `${names} | ${path.blocked}${path.astray ? " (astray)" : ""}`;
};

describe("the path between two nodes", () => {
  const paths: readonly (readonly [from: string, to: string, told: string])[] = [
    ["container:here", "container:here", "container:here"],
    ["host:", "container:here", "host: > network:net > container:here"],
    ["container:here", "host:b", "container:here > network:net > host: > host:b"],
    ["container:here", "network:net", "container:here > network:net"],
    ["host:b", "member:a@a", "host:b > host:a"],
    ["container:one@a", "container:two@b", "container:one@a > network:demo@a > network:demo@b > container:two@b"],
    ["container:one@a", "host:b", "container:one@a > network:docker_gwbridge@a > host:a > host:b"],
    [
      "container:one@a",
      "container:on-a@a",
      "container:one@a > network:docker_gwbridge@a > host:a | " +
        "the chains DOCKER-ISOLATION of a drop what goes from the bridge of docker_gwbridge to the bridge of same",
    ],
    ["host:a", "container:one@a", "host:a | no route of a leads to the network demo of a (astray)"],
    [
      "container:beside@a",
      "container:one@a",
      "container:beside@a > network:docker_gwbridge@a > host:a | " +
        "no route of a leads to the network demo of a (astray)",
    ],
    ["host:", "container:on-b@b", "host: | no route of this host leads to the network other of b (astray)"],
    ["host:", "container:on-a@a", "host: | this host looks for the address on its own network net (astray)"],
    ["host:b", "container:here", "host:b | no route of b leads to the network net of this host (astray)"],
    ["host:", "namespace:loose", "host: | no cable leads to the namespace loose: it has no interface but lo"],
    ["host:a", "port:0.0.0.0:80", "host:a > host: > port:0.0.0.0:80 > container:here"],
    ["host:", "port:127.0.0.1:81", "host: > port:127.0.0.1:81 > container:here"],
    [
      "host:a",
      "port:127.0.0.1:81",
      "host:a > host: | 127.0.0.1:81 is a loopback address: only this host itself reaches it",
    ],
    ["port:0.0.0.0:80", "container:here", "port:0.0.0.0:80 > container:here"],
    ["port:0.0.0.0:80", "host:", "port:0.0.0.0:80 | the port 0.0.0.0:80 leads to here and nowhere else"],
  ];
  // A port's name contains a colon, which ends all other names.
  const named = { ...HOSTS, nodes: HOSTS.nodes.map((each) => ({ ...each, name: nameOf(each) })) };
  for (const [from, to, expected] of paths) {
    it(`${from} to ${to}`, () => assert.equal(told(named, from, to), expected));
  }

  it("is refused for unknown nodes", () => {
    assert.throws(() => pathBetween(HOSTS, "container:here", "container:no"), /no node container:no/);
  });

  it("names what carries the packet, and where NAT applies", () => {
    const { hops } = pathBetween(HOSTS, "container:one@a", "host:b");
    assert.deepEqual(
      hops.map(({ by }) => by),
      [
        "veth cable to the bridge of docker_gwbridge",
        "the address of that bridge is one of a",
        "NAT: MASQUERADE to the address of a, and the network that a and b are on",
      ],
    );
  });
});

function nameOf({ kind, id, name }: TopologyNode): string {
  return kind === "port" ? id.replace("port:", "") : name;
}

describe("the paths of all labs", () => {
  let topology: Topology;
  let checks: readonly Check[];
  before(async () => {
    ({ topology, checks } = await everything());
  });

  it("use existing links, each from the end of the previous one", () => {
    let count = 0;
    for (const { id: from } of topology.nodes) {
      for (const { id: to } of topology.nodes) {
        const path = pathBetween(topology, from, to);
        const start = [from, topology.nodes.find(({ id }) => id === from)?.in];
        path.hops.forEach(({ link: taken, ...hop }, index) => {
          const before = path.hops[index - 1];
          assert.ok(before ? before.to === hop.from : start.includes(hop.from), `${from} to ${to}`);
          if (taken) assert.deepEqual([taken.from, taken.to].sort(), [hop.from, hop.to].sort());
          count += 1;
        });
        const end = [to, topology.nodes.find(({ id }) => id === to)?.in, ...mapped(topology, to)];
        if (path.blocked === undefined && path.hops.length > 0)
          assert.ok(end.includes(path.hops.at(-1)?.to), `${from} to ${to}`);
      }
    }
    assert.ok(count > 1_000);
  });

  it("are open if a check of a lab expects a reply, and blocked if it expects silence", () => {
    const pings = checks.filter((check) => check.kind === "ping");
    for (const { id, from, to, expect } of pings) {
      const path = pathBetween(topology, source(from), target(topology, from, to));
      assert.equal(path.blocked === undefined ? "reply" : "silence", expect, `${id}: ${path.blocked}`);
    }
    assert.equal(new Set(pings.map(({ expect }) => expect)).size, 2);
  });

  it("follow a packet through a practice node, which is a container and a host", () => {
    assert.equal(
      told(topology, "container:outsider@docker-node1", "host:docker-node2"),
      "container:outsider@docker-node1 > network:bridge@docker-node1 > host:docker-node1 > container:docker-node1 > " +
        "network:overlay-lan > container:docker-node2 > host:docker-node2",
    );
    assert.equal(
      told(topology, "container:docker-node1", "container:docker-node2"),
      "container:docker-node1 > network:overlay-lan > container:docker-node2",
    );
    assert.equal(
      told(topology, "host:docker-node1", "container:test5"),
      "host:docker-node1 | docker-node1 looks for the address on its own network bridge (astray)",
    );
    assert.match(told(topology, "container:test11", "namespace:outside"), /^container:test11 > host: > namespace/);
    assert.match(told(topology, "host:", "container:test10"), /test10 is on the network none/);
    assert.match(told(topology, "namespace:outside", "container:web"), /outside has no default route/);
  });
});

const mapped = ({ links }: Topology, port: string) =>
  links.filter(({ kind, from }) => kind === "publish" && from === port).map(({ to }) => to);

type Ping = Extract<Check, { kind: "ping" }>;

function source(from: Ping["from"]): string {
  if (from === "host") return hostId(undefined);
  if ("host" in from) return hostId(from.host);
  return "namespace" in from
    ? nodeId("namespace", from.namespace, from.on)
    : nodeId("container", from.container, from.on);
}

function target({ nodes, links }: Topology, from: Ping["from"], to: Ping["to"]): string {
  if ("gateway" in to) return nodeId("network", to.gateway, undefined);
  if ("container" in to) return nodeId("container", to.container, to.on);
  const ends = links.flatMap(({ from: a, to: b, facts }) => [
    [a, facts.fromAddress] as const,
    [b, facts.toAddress] as const,
  ]);
  const [holder] = ends.find(([id, address]) => address?.startsWith(`${to.address}/`) && id !== source(from)) ?? [];
  return holder ?? nodes.find(({ name, kind }) => kind === "container" && name === to.address)?.id ?? to.address;
}
