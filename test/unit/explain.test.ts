import assert from "node:assert/strict";
import { endsOf, expectedOf } from "../../lab/explain/expected.ts";
import { concerns, isolation, masquerade, type Rule, strangers } from "../../lab/firewall.ts";
import { parseInterfaces, readInterfaces } from "../../lab/interfaces.ts";
import type { Topology } from "../../stacks/topology.ts";

const filter = (text: string): Rule => ({ table: "filter", text });
const nat = (text: string): Rule => ({ table: "nat", text });

/** As Docker 20.10 writes them for one user-defined network with one published container. */
const DOCKERS = [
  filter("-A FORWARD -j DOCKER-USER"),
  filter("-A FORWARD -j DOCKER-ISOLATION-STAGE-1"),
  filter("-A FORWARD -o br-1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
  filter("-A FORWARD -o br-1 -j DOCKER"),
  filter("-A FORWARD -i br-1 ! -o br-1 -j ACCEPT"),
  filter("-A FORWARD -i br-1 -o br-1 -j ACCEPT"),
  filter("-A DOCKER -d 10.1.0.2/32 ! -i br-1 -o br-1 -p tcp -m tcp --dport 80 -j ACCEPT"),
  filter("-A DOCKER-ISOLATION-STAGE-1 -i br-1 ! -o br-1 -j DOCKER-ISOLATION-STAGE-2"),
  filter("-A DOCKER-ISOLATION-STAGE-2 -o br-2 -j DROP"),
  filter("-A DOCKER-USER -j RETURN"),
  nat("-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER"),
  nat("-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER"),
  nat("-A POSTROUTING -s 10.1.0.0/24 ! -o br-1 -j MASQUERADE"),
  nat("-A POSTROUTING -s 10.1.0.2/32 -d 10.1.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE"),
  nat("-A DOCKER -d 127.0.0.1/32 ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80"),
];
const PACKETS = { addresses: ["10.1.0.2", "10.2.0.2"], interfaces: ["br-1", "br-2"] };

describe("rules of a firewall", () => {
  it("of Docker's are no strangers", () => assert.deepEqual(strangers(DOCKERS, PACKETS), []));

  it("of somebody else are, each with what it does and the command that removes it", () => {
    const accept = filter("-A DOCKER-USER -p icmp -j ACCEPT");
    const direct = nat("-A POSTROUTING -s 10.1.0.2/32 -p tcp -j RETURN");
    const [one, two] = strangers([accept, ...DOCKERS, direct], PACKETS);
    assert.match(one?.says ?? "", /not Docker's: -A DOCKER-USER -p icmp -j ACCEPT \(it lets through/);
    assert.equal(one?.mend, "iptables -t filter -D DOCKER-USER -p icmp -j ACCEPT");
    assert.match(two?.says ?? "", /of the table nat .*RETURN \(what it matches keeps its source address/);
  });

  for (const [text, yes] of [
    ["-A DOCKER-USER -j DROP", true],
    ["-A DOCKER-USER -s 10.1.0.0/24 -j DROP", true],
    ["-A DOCKER-USER -s 10.9.0.0/24 -j DROP", false],
    ["-A DOCKER-USER ! -s 10.9.0.0/24 -j DROP", true],
    ["-A DOCKER-USER -i br-2 -j DROP", true],
    ["-A DOCKER-USER -i br-3 -j DROP", false],
    ["-A DOCKER-USER -i br+ -j DROP", true],
    ["-A DOCKER-USER -p icmp -j DROP", true],
    ["-A DOCKER-USER -p tcp -j DROP", false],
  ] as const) {
    it(`concern echo requests or not: ${text}`, () =>
      assert.equal(concerns(filter(text), { ...PACKETS, protocol: "icmp" }), yes));
  }

  it("that keep networks apart, and that hide addresses, are found by bridge and block", () => {
    assert.equal(masquerade(DOCKERS, "10.1.0.0/24")?.text, "-A POSTROUTING -s 10.1.0.0/24 ! -o br-1 -j MASQUERADE");
    assert.equal(masquerade(DOCKERS, "10.2.0.0/24"), undefined);
    assert.equal(isolation(DOCKERS, "br-1", "br-2").length, 2);
    assert.deepEqual(isolation(DOCKERS, "br-2", "br-1"), []);
  });
});

describe("what the state says of an object", () => {
  const node = (id: string, kind: Topology["nodes"][number]["kind"], name: string) => ({
    ...{ id, kind, name, lab: "one", in: "machine:" },
    facts: {},
  });
  const topology: Topology = {
    nodes: [
      { id: "machine:", kind: "machine", name: "this machine", facts: {} },
      node("container:a", "container", "a"),
      node("container:b", "container", "b"),
      node("network:n", "network", "n"),
      node("network:host", "network", "host"),
      node("port:127.0.0.1:80", "port", "127.0.0.1:80"),
      node("namespace:x", "namespace", "x"),
      node("namespace:y", "namespace", "y"),
    ],
    links: [
      { kind: "veth", from: "container:a", to: "network:n", facts: { fromInterface: "eth0" } },
      { kind: "link", from: "container:a", to: "container:b", facts: { alias: "db" } },
      { kind: "publish", from: "port:127.0.0.1:80", to: "container:a", facts: { port: "8080/tcp" } },
      { kind: "attached", from: "container:b", to: "network:host", facts: {} },
      { kind: "shares", from: "container:b", to: "machine:", facts: {} },
      {
        kind: "veth",
        from: "namespace:x",
        to: "namespace:y",
        facts: { fromInterface: "v1", fromAddress: "10.0.0.1/24", toInterface: "v2", toAddress: "10.0.0.2/24" },
      },
    ],
  };

  it("of a container: networks, interfaces, ports and links", () => {
    assert.deepEqual(expectedOf(topology, "a", undefined), {
      ...{ lab: "one", networks: ["n"], published: ["127.0.0.1:80->8080/tcp"] },
      ...{ interfaces: ["lo", "eth0"], links: ["db"] },
    });
    assert.equal(expectedOf(topology, "b", undefined)?.interfaces, undefined);
    assert.equal(expectedOf(topology, "a", "docker-node1"), undefined);
  });

  it("of a namespace: its ends of cables, from either side", () => {
    assert.deepEqual(endsOf(topology, "y", undefined), [
      { interface: "v2", address: "10.0.0.2/24", other: { namespace: "x", interface: "v1" } },
    ]);
    assert.equal(endsOf(topology, "z", undefined), undefined);
  });
});

describe("interfaces as ip prints them", () => {
  const json = JSON.stringify([
    { ifindex: 1, ifname: "lo", ifalias: "p/s", flags: ["LOOPBACK", "UP", "LOWER_UP"], addr_info: [] },
    {
      ...{ ifindex: 5, ifname: "veth1", link_index: 6, master: "br-1", flags: ["UP"] },
      ...{ linkinfo: { info_kind: "veth" }, addr_info: [{ family: "inet", local: "10.0.0.1", prefixlen: 24 }] },
    },
  ]);

  it("have an end of a cable, a bridge and a mark", () => {
    const [lo, veth] = parseInterfaces(json);
    assert.equal(lo?.alias, "p/s");
    assert.deepEqual([veth?.peer, veth?.master, veth?.kind, veth?.state], [6, "br-1", "veth", "unplugged"]);
    assert.equal(readInterfaces(json).get("veth1"), "unplugged 10.0.0.1/24");
  });
});
