import assert from "node:assert/strict";
import { parseConfig } from "../../stacks/config.ts";

const BASICS = { project: "dockernet", stack: "basics" };
const parse = (raw: Record<string, string>) => parseConfig(BASICS, raw);

describe("parseConfig", () => {
  it("fills in what a stack leaves out, and derives subnets and ports that do not meet", () => {
    const config = parse({});
    assert.deepEqual(config.labs, ["bridge", "links", "ports", "isolation", "counter"]);
    assert.equal(config.publishAddress, "127.0.0.1");
    assert.equal(config.images, "official");
    const { subnets, ports } = config.claims;
    assert.deepEqual(
      subnets.map(({ setting }) => setting),
      ["ports.subnet", "counter.subnet", "bridge.subnet", "links.subnet", "bridge.outside"],
    );
    assert.equal(new Set(subnets.map(({ value }) => value.replace(/\.\d+\/\d+$/, ""))).size, subnets.length);
    assert.equal(new Set(ports.map(({ value }) => value)).size, 3);
  });

  it("takes what a stack says", () => {
    const raw = { labs: '["counter"]', counter: '{"subnet":"172.20.8.0/24","gateway":"172.20.8.254","port":5000}' };
    const config = parse({ ...raw, publishAddress: "0.0.0.0" });
    assert.deepEqual(config.network.counter, { subnet: "172.20.8.0/24", gateway: "172.20.8.254" });
    assert.deepEqual(config.claims, {
      subnets: [{ setting: "counter.subnet", value: "172.20.8.0/24" }],
      ports: [{ setting: "counter.port", value: 5000 }],
    });
    assert.equal(config.publishAddress, "0.0.0.0");
  });

  it("builds the lab that needs root only where a stack names it, with the tutorial's addresses or others", () => {
    assert.deepEqual(parse({}).namespaces.addresses, ["192.168.1.1/24", "192.168.1.2/24"]);
    const config = parse({ labs: '["namespaces"]', namespaces: '{"addresses":["10.9.0.1/30","10.9.0.2/30"]}' });
    assert.deepEqual(config.labs, ["namespaces"]);
    assert.deepEqual(config.namespaces.addresses, ["10.9.0.1/30", "10.9.0.2/30"]);
  });

  const refusals: readonly [what: string, raw: Record<string, string>, message: RegExp][] = [
    [
      "an unknown key",
      { port: "80" },
      /^ {2}port: no such setting; there are labs, publishAddress, ports, counter, namespaces, bridge, links, isolation, overlay, hosts$/m,
    ],
    [
      "an unknown key of a lab",
      { ports: '{"prot":80}' },
      /^ {2}ports\.prot: no such setting; there are subnet, gateway, port$/m,
    ],
    [
      "an unknown key of the lab without a port",
      { namespaces: '{"subnet":"10.0.0.0/24"}' },
      /^ {2}namespaces\.subnet: no such setting; there are addresses, host$/m,
    ],
    ["an unknown lab", { labs: '["brige"]' }, /^ {2}labs\.0: .*"ports"\|"counter"/m],
    ["a lab named twice", { labs: '["ports","ports"]' }, /^ {2}labs: expected each lab once$/m],
    ["no lab", { labs: "[]" }, /^ {2}labs: expected at least one lab$/m],
    ["labs that are no list", { labs: "ports" }, /^ {2}labs: .*expected array, received string/m],
    ["a lab's settings that are no map", { ports: "80" }, /^ {2}ports: .*expected object, received number/m],
    [
      "a subnet that is none",
      { ports: '{"subnet":"10.0.0.0"}' },
      /^ {2}ports\.subnet: expected an IPv4 block .*, got "10\.0\.0\.0"$/m,
    ],
    [
      "a subnet with host bits",
      { ports: '{"subnet":"10.0.0.1/24"}' },
      /^ {2}ports\.subnet: expected the block's own address 10\.0\.0\.0\/24/m,
    ],
    [
      "a subnet too small",
      { ports: '{"subnet":"10.0.0.0/30"}' },
      /^ {2}ports\.subnet: expected a block of \/8 to \/28/m,
    ],
    [
      "a subnet that is a number",
      { ports: '{"subnet":10}' },
      /^ {2}ports\.subnet: .*expected string, received number/m,
    ],
    [
      "a gateway outside",
      { ports: '{"subnet":"10.0.0.0/24","gateway":"10.0.1.1"}' },
      /^ {2}ports\.gateway: expected a host of 10\.0\.0\.0\/24, got 10\.0\.1\.1$/m,
    ],
    [
      "a gateway that is the broadcast address",
      { ports: '{"subnet":"10.0.0.0/24","gateway":"10.0.0.255"}' },
      /ports\.gateway: expected a host/,
    ],
    [
      "a gateway that is a name",
      { ports: '{"gateway":"router"}' },
      /^ {2}ports\.gateway: expected an IPv4 address, got "router"$/m,
    ],
    ["port 0", { ports: '{"port":0}' }, /^ {2}ports\.port: expected a port from 1 to 65535, got 0$/m],
    ["port 65536", { ports: '{"port":65536}' }, /^ {2}ports\.port: expected a port from 1 to 65535, got 65536$/m],
    ["a port that is a word", { ports: '{"port":"http"}' }, /^ {2}ports\.port: expected a whole number, got "http"$/m],
    ["a port with a fraction", { ports: '{"port":80.5}' }, /^ {2}ports\.port: expected a whole number, got 80\.5$/m],
    [
      "one port for two labs",
      { ports: '{"port":80}', counter: '{"port":80}' },
      /^ {2}counter\.port: 80 is ports\.port already$/m,
    ],
    [
      "subnets that overlap",
      { ports: '{"subnet":"10.0.0.0/16"}', counter: '{"subnet":"10.0.9.0/24"}' },
      /^ {2}counter\.subnet: 10\.0\.9\.0\/24 overlaps ports\.subnet, 10\.0\.0\.0\/16$/m,
    ],
    [
      "a block outside that overlaps a network",
      { links: '{"subnet":"10.0.0.0/24"}', bridge: '{"outside":"10.0.0.252/30"}' },
      /^ {2}bridge\.outside: 10\.0\.0\.252\/30 overlaps links\.subnet, 10\.0\.0\.0\/24$/m,
    ],
    [
      "a block outside with room for one address",
      { bridge: '{"outside":"10.0.0.0/31"}' },
      /^ {2}bridge\.outside: expected a block of \/8 to \/30, got 10\.0\.0\.0\/31$/m,
    ],
    [
      "a setting that a lab does not have",
      { isolation: '{"subnet":"10.0.0.0/24"}' },
      /^ {2}isolation\.subnet: no such setting; there are port$/m,
    ],
    [
      "a host of the namespaces that there is not",
      { labs: '["namespaces"]', namespaces: '{"host":"docker-node3"}' },
      /^ {2}namespaces\.host: expected local, docker-node1, docker-node2, got docker-node3$/m,
    ],
    [
      "more nodes than a cluster may have members",
      { overlay: '{"nodes":8}' },
      /^ {2}overlay\.nodes: expected 1 to 7 nodes, got 8$/m,
    ],
    [
      "a LAN that has no room for the tutorial's addresses",
      { overlay: '{"subnet":"10.0.0.0/25"}' },
      /^ {2}overlay\.subnet: expected a block of \/8 to \/24, got 10\.0\.0\.0\/25$/m,
    ],
    [
      "an unknown key of a host",
      { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-ed25519 AAAA","keyfile":"x"}]' },
      /^ {2}hosts\.0\.keyfile: no such setting; there are name, address, hostKey, user, port, keyFile, sshConfig, sudo, gone$/m,
    ],
    [
      "an unknown key of an archive",
      { overlay: '{"archive":{"version":"3.5.21","sha256":{"x86":"0"}}}' },
      /^ {2}overlay\.archive\.sha256\.x86: no such setting; there are amd64, arm64$/m,
    ],
    [
      "a supervisor that there is not",
      { overlay: '{"supervisor":"upstart"}' },
      /^ {2}overlay\.supervisor: expected systemd or nohup, got "upstart"$/m,
    ],
    [
      "a host without a key",
      { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-ed25519 AAAA"}]' },
      /^ {2}hosts\.0\.keyFile: expected the path of a private key$/m,
    ],
    [
      "addresses that are no list",
      { namespaces: '{"addresses":"10.0.0.1/24"}' },
      /^ {2}namespaces\.addresses: expected two IPv4 addresses with prefix length, got "10\.0\.0\.1\/24"$/m,
    ],
    [
      "one address for two ends",
      { namespaces: '{"addresses":["10.0.0.1/24"]}' },
      /^ {2}namespaces\.addresses: expected two IPv4 addresses with prefix length, got \["10\.0\.0\.1\/24"\]$/m,
    ],
    [
      "an address that is a number",
      { namespaces: '{"addresses":["10.0.0.1/24",2]}' },
      /^ {2}namespaces\.addresses\.1: expected an IPv4 address with prefix length, got 2$/m,
    ],
    [
      "an address without prefix length",
      { namespaces: '{"addresses":["10.0.0.1","10.0.0.2"]}' },
      /^ {2}namespaces\.addresses: expected an IPv4 address with prefix length such as .*, got "10\.0\.0\.1"$/m,
    ],
    [
      "addresses in two blocks",
      { namespaces: '{"addresses":["10.0.0.1/24","10.0.1.1/24"]}' },
      /^ {2}namespaces\.addresses: expected two addresses of one block, got 10\.0\.0\.1\/24 and 10\.0\.1\.1\/24$/m,
    ],
    [
      "addresses with two prefix lengths",
      { namespaces: '{"addresses":["10.0.0.1/24","10.0.0.2/25"]}' },
      /^ {2}namespaces\.addresses: expected two addresses of one block, got/m,
    ],
    [
      "the same address twice",
      { namespaces: '{"addresses":["10.0.0.1/24","10.0.0.1/24"]}' },
      /^ {2}namespaces\.addresses: expected two different addresses, got 10\.0\.0\.1\/24 twice$/m,
    ],
    [
      "the network's own address",
      { namespaces: '{"addresses":["10.0.0.1/24","10.0.0.0/24"]}' },
      /^ {2}namespaces\.addresses: expected a host of 10\.0\.0\.0\/24, got 10\.0\.0\.0\/24$/m,
    ],
    [
      "the broadcast address",
      { namespaces: '{"addresses":["10.0.0.255/24","10.0.0.1/24"]}' },
      /^ {2}namespaces\.addresses: expected a host of 10\.0\.0\.0\/24, got 10\.0\.0\.255\/24$/m,
    ],
    [
      "an address that is none",
      { publishAddress: "localhost" },
      /^ {2}publishAddress: expected an IPv4 address of this host, got "localhost"$/m,
    ],
  ];
  for (const [what, raw, message] of refusals) {
    it(`refuses ${what}`, () => assert.throws(() => parse(raw), message));
  }

  it("lists everything that is wrong at once, and says where the settings are", () => {
    const raw = { publishAddress: "x", ports: '{"subnet":"y","port":0}' };
    assert.throws(
      () => parse(raw),
      /^Error: settings of stack basics \(stacks\/Pulumi\.basics\.yaml\):\n {2}.*\n {2}.*\n {2}.*$/,
    );
  });

  it("lets a lab that is not built overlap one that is", () => {
    assert.doesNotThrow(() => parse({ labs: '["ports"]', ports: '{"port":80}', counter: '{"port":80}' }));
  });

  it("refuses an image origin that there is not", () => {
    assert.throws(() => parseConfig(BASICS, {}, "docker"), /DOCKERNET_IMAGES: expected official or debian, got docker/);
  });
});
