import assert from "node:assert/strict";
import macvlan from "../../lab/checks/kinds/macvlan.ts";
import { macvlanFaults } from "../../lab/faults/macvlan.ts";
import type { Container } from "../../lab/host/containers.ts";
import { parseInterfaces } from "../../lab/host/interfaces.ts";
import type { Network } from "../../lab/host/networks.ts";
import type { HostSession } from "../../lab/host/session.ts";
import { pathBetween } from "../../lab/topology/paths.ts";
import { buildLabs } from "../../stacks/buildLabs.ts";
import { parseConfig } from "../../stacks/config.ts";
import { recordResources, settled } from "./mocks.ts";

const UP = ["UP", "LOWER_UP"];
const MAC = "02:42:0a:01:02:81";
const info = (mode: string) => ({ info_kind: "macvlan", info_data: { mode } });
const parent = {
  ...{ ifindex: 4, ifname: "veth-lan", link_index: 2, flags: UP, address: "4a:f6:00:00:00:01" },
  linkinfo: { info_kind: "veth" },
};
const eth0 = {
  ...{ ifindex: 9, ifname: "eth0", link_index: 4, flags: UP, address: MAC, linkinfo: info("bridge") },
  addr_info: [{ family: "inet", local: "10.1.2.129", prefixlen: 24 }],
};
const container = { name: "mac1", running: true, pid: 7, addresses: { "macvlan-net": "10.1.2.129" } };

describe("a check of the kind macvlan", () => {
  const prove = async (inside: unknown) => {
    const session = {
      containers: async () => new Map([["mac1", container]]),
      read: async ([program]: readonly string[]) => JSON.stringify(program === "nsenter" ? inside : [parent]),
    } as unknown as HostSession;
    const check = { kind: "macvlan", container: "mac1", parent: "veth-lan", expect: "bridge" } as const;
    const common = { id: "10.1-mac-mac1", row: "10.1", lab: "macvlan", title: "it does" };
    return macvlan.probe({ ...common, ...check }, () => session);
  };

  it("passes for an interface on the parent, in its mode, with a MAC address of its own", async () => {
    assert.deepEqual(await prove([eth0]), {
      passed: true,
      actual: `eth0 has ${MAC}, mode bridge; its parent is veth-lan, which has 4a:f6:00:00:00:01`,
    });
  });

  const wrong: readonly (readonly [what: string, inside: readonly object[], actual: RegExp])[] = [
    ["no eth0", [{ ...eth0, ifname: "eth1" }], /^mac1 has no eth0$/],
    ["an end of a cable", [{ ...eth0, linkinfo: { info_kind: "veth" } }], /^eth0 is no macvlan interface, but veth$/],
    ["another mode", [{ ...eth0, linkinfo: info("private") }], /mode private/],
    ["the parent's MAC address", [{ ...eth0, address: parent.address }], /^eth0 has 4a:f6:00:00:00:01/],
    ["another parent", [{ ...eth0, link_index: 5 }], /its parent is number 5, which the host does not have$/],
  ];
  for (const [what, inside, actual] of wrong) {
    it(`fails for ${what}`, async () => {
      const found = await prove(inside);
      assert.equal(found.passed, false);
      assert.match(found.actual, actual);
    });
  }
});

describe("faults of a container on a macvlan network", () => {
  const network = {
    name: "macvlan-net",
    driver: "macvlan",
    subnets: ["10.1.2.0/24"],
    options: { parent: "veth-lan", macvlan_mode: "bridge" },
  } as unknown as Network;
  const host = { name: "this host" } as unknown as Parameters<typeof macvlanFaults>[0];
  const faults = (inside: readonly object[], outside: readonly object[] = [parent]) => {
    const [own, others] = [inside, outside].map((each) => parseInterfaces(JSON.stringify(each)));
    const networks = new Map([["macvlan-net", network]]);
    return macvlanFaults(host, container as unknown as Container, own ?? [], others ?? [], networks);
  };
  const titles = (...args: Parameters<typeof faults>) => faults(...args).map(({ title }) => title);

  it("are none if all is well, or if the host's interfaces cannot be listed", () => {
    assert.deepEqual(faults([eth0]), []);
    assert.deepEqual(faults([eth0], []), []);
  });

  it("are a lost interface, one that is down, and one in another mode, each with its repair", () => {
    const [lost] = faults([]);
    assert.match(lost?.title ?? "", /^the container mac1 has no macvlan interface with its address 10\.1\.2\.129 on/);
    assert.equal(lost?.fix, "docker restart mac1");
    assert.match(titles([{ ...eth0, flags: [] }]).join(), /^eth0 in the container mac1 is down/);
    const [mode] = faults([{ ...eth0, linkinfo: info("private") }]);
    assert.match(mode?.title ?? "", /is in macvlan mode private, the network macvlan-net has mode bridge$/);
    assert.equal(mode?.fix, "nsenter --net --target 7 ip link set dev eth0 type macvlan mode bridge");
  });

  it("are a parent that is gone or down, and another macvlan interface on it", () => {
    const other = { ifindex: 1, ifname: "lo", flags: UP };
    assert.deepEqual(titles([eth0], [other]), [
      "veth-lan, the parent of the macvlan network macvlan-net, is not on this host",
    ]);
    assert.match(titles([eth0], [{ ...parent, flags: [] }]).join(), /the parent of .*, is down$/);
    const shim = { ifindex: 6, ifname: "shim", link: "veth-lan", flags: UP, linkinfo: info("bridge") };
    const [found] = faults([eth0], [parent, shim]);
    assert.match(found?.title ?? "", /^this host has a macvlan interface shim of its own on veth-lan/);
    assert.equal(found?.fix, "ip link delete shim");
  });
});

describe("the paths of the lab macvlan", () => {
  const path = async (from: string, to: string) => {
    const identity = { project: "dockernet", stack: "practice" };
    const seen = await recordResources(identity);
    const { topology } = buildLabs(parseConfig(identity, { labs: '["bridge","macvlan"]' }, "debian"));
    await settled(seen);
    const { hops, blocked } = pathBetween(topology, from, to);
    return blocked ?? hops.map((hop) => hop.by).join("; ");
  };
  const apart = /^a host does not reach the containers of a macvlan network through its parent veth-lan, nor they it$/;
  const ways: readonly (readonly [from: string, to: string, way: RegExp])[] = [
    ["container:mac1", "container:mac2", /^macvlan interface on veth-lan; LAN of veth-lan$/],
    ["container:mac1", "namespace:lan", /^macvlan interface on veth-lan; LAN of veth-lan$/],
    ["namespace:lan", "container:mac1", /^macvlan interface on veth-lan; LAN of veth-lan$/],
    ["host:", "namespace:lan", /^veth cable to lan$/],
    ["host:", "container:mac1", apart],
    ["container:mac1", "host:", apart],
    ["container:test5", "container:mac1", apart],
    ["container:mac1", "container:test5", /^no route of mac1 leads to/],
  ];
  for (const [from, to, way] of ways) it(`${from} to ${to}`, async () => assert.match(await path(from, to), way));
});
