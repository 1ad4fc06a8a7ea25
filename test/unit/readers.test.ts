import assert from "node:assert/strict";
import { readContainers } from "../../lab/host/containers.ts";
import { isUp, parseInterfaces } from "../../lab/host/interfaces.ts";
import { readNetworks } from "../../lab/host/networks.ts";

/** The fields of docker inspect's output that are read; `more` overrides them. */
const inspected = (more: object = {}) => ({
  Id: "c0ffee",
  Name: "/peer8",
  State: { Running: true, Paused: false, Pid: 4711, ExitCode: 0, Error: "" },
  Config: { Hostname: "c0ffee", Env: ["PATH=/bin"], Labels: null },
  HostConfig: { NetworkMode: "links-net", Links: null, ExtraHosts: null },
  NetworkSettings: {
    SandboxKey: "/var/run/docker/netns/c0ffee",
    Networks: {
      "links-net": { IPAddress: "172.20.0.3", Aliases: ["c0ffee"] },
      other: { IPAddress: "", Aliases: null },
    },
    Ports: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }], "443/tcp": null },
  },
  ...more,
});

describe("a reader of a host's output", () => {
  it("returns the fields of a container that all commands need", () => {
    const [container] = readContainers(JSON.stringify([inspected()]));
    const { details, ...rest } = container ?? assert.fail();
    assert.deepEqual(rest, {
      id: "c0ffee",
      name: "peer8",
      running: true,
      paused: false,
      pid: 4711,
      namespaceFile: "/var/run/docker/netns/c0ffee",
      health: "-",
      addresses: { "links-net": "172.20.0.3", other: "" },
      published: ["127.0.0.1:8080->80/tcp"],
      labels: {},
    });
    assert.deepEqual(details, {
      exitCode: 0,
      error: "",
      health: "",
      hostname: "c0ffee",
      networkMode: "links-net",
      links: new Map(),
      extraHosts: [],
      env: ["PATH=/bin"],
      aliases: { "links-net": ["c0ffee"], other: [] },
    });
  });

  it("returns a container's links, by their aliases, and the output of its last health check", () => {
    const Log = [{ Output: "no\n" }, { Output: "connection refused\n" }];
    const State = { ...inspected().State, Running: false, ExitCode: 137, Health: { Status: "unhealthy", Log } };
    const HostConfig = { NetworkMode: "default", Links: ["/a-test7:/a-test8/test7"], ExtraHosts: ["db:10.0.0.9"] };
    const [container] = readContainers(JSON.stringify([inspected({ State, HostConfig })]));
    assert.equal(container?.health, "unhealthy");
    assert.equal(container.details.health, "connection refused");
    assert.equal(container.details.exitCode, 137);
    assert.deepEqual(container.details.links, new Map([["test7", "a-test7"]]));
    assert.deepEqual(container.details.extraHosts, ["db:10.0.0.9"]);
  });

  it("returns a network's IPv4 blocks, and its bridge by the given name or by its id", () => {
    const network = {
      Id: "0123456789abcdef",
      Name: "demo",
      Driver: "bridge",
      IPAM: { Config: [{ Subnet: "fd00::/64", Gateway: "fd00::1" }, { Subnet: "10.1.0.0/24" }] },
      Options: null,
      Labels: null,
    };
    const named = { ...network, Options: { "com.docker.network.bridge.name": "docker0" } };
    const [one, other] = readNetworks(JSON.stringify([network, named]));
    assert.deepEqual([one?.bridge, other?.bridge], ["br-0123456789ab", "docker0"]);
    assert.deepEqual([one?.subnets, one?.gateway, one?.internal], [["10.1.0.0/24"], undefined, false]);
  });

  it("returns the kind of an interface, which ip link shows without addresses", () => {
    const flags = ["BROADCAST", "UP"];
    const vxlan = {
      ...{ ifindex: 7, ifname: "vxlan0", flags, address: "4a:f6:00:00:00:01", mtu: 1450 },
      linkinfo: { info_kind: "vxlan", info_data: { id: 257 } },
      stats64: { rx: { packets: 3 }, tx: { packets: 5 } },
    };
    const vlan = { ...vxlan, ifname: "v", linkinfo: { info_kind: "vlan", info_data: { id: 12 } } };
    const bridge = { ifindex: 8, ifname: "br0", flags, linkinfo: { info_kind: "bridge", info_data: { id: "8000.0" } } };
    const [first, second, third] = parseInterfaces(JSON.stringify([vxlan, vlan, bridge]), "ip link");
    assert.deepEqual(first?.link, { mac: "4a:f6:00:00:00:01", mtu: 1450, vni: 257, mode: undefined, rx: 3, tx: 5 });
    assert.deepEqual([second?.link.vni, third?.link.vni, third?.addresses], [undefined, undefined, []]);
    assert.throws(() => parseInterfaces("x", "ip link"), /^Error: ip link printed what was not expected: "x"$/);
  });

  it("returns the parent and the mode of a macvlan interface, which has no other end, in its parent's namespace and in another", () => {
    const flags = ["UP", "LOWER_UP"];
    const macvlan = { info_kind: "macvlan", info_data: { mode: "bridge", flags: ["nopromisc"] } };
    const moved = { ifindex: 9, ifname: "eth0", link_index: 4, flags, linkinfo: macvlan };
    const parent = { ifindex: 4, ifname: "veth-lan", link_index: 2, flags, linkinfo: { info_kind: "veth" } };
    const shim = { ifindex: 5, ifname: "shim", link: "veth-lan", flags, linkinfo: macvlan };
    const found = parseInterfaces(JSON.stringify([moved, parent, shim]));
    assert.deepEqual(
      found.map((each) => [each.peer, each.parent, each.link.mode]),
      [
        [undefined, 4, "bridge"],
        [2, undefined, undefined],
        [undefined, 4, "bridge"],
      ],
    );
  });

  it("accepts an interface without carrier that is up, but a veth end only with its other end", () => {
    const bridge = { ifindex: 2, ifname: "br0", flags: ["UP"] };
    const cable = { ifindex: 3, ifname: "veth0", link_index: 9, flags: ["UP"] };
    const up = { ...cable, ifname: "veth1", flags: ["UP", "LOWER_UP"] };
    const down = { ...bridge, ifname: "br1", flags: [] };
    const all = parseInterfaces(JSON.stringify([bridge, cable, up, down]));
    assert.deepEqual(
      all.map((each) => isUp(each)),
      [true, false, true, false],
    );
  });
});
