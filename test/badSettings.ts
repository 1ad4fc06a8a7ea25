type Bad = readonly [what: string, raw: Readonly<Record<string, string>>, message: RegExp];

/** A host behind a jump host with these settings. */
const behind = (jump: unknown): string =>
  JSON.stringify([{ name: "a", address: "10.0.0.1", hostKey: "ssh-ed25519 AAAA", keyFile: "/none", jump }]);

/**
 * Settings that are refused, in Pulumi's form (strings, with lists and maps as JSON): the reason, and the expected
 * message.
 */
export const BAD_SETTINGS: readonly Bad[] = [
  [
    "an unknown key",
    { port: "80" },
    /^ {2}port: no such setting; there are labs, publishAddress, ports, counter, namespaces, bridge, links, isolation, overlay, macvlan, swarm, hosts$/m,
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
  ["an unknown lab", { labs: '["brige"]' }, /^ {2}labs\.0: expected one of ports, counter, .*, got "brige"$/m],
  ["a lab named twice", { labs: '["ports","ports"]' }, /^ {2}labs: expected each lab once$/m],
  ["no lab", { labs: "[]" }, /^ {2}labs: expected at least one lab$/m],
  ["labs that are no list", { labs: "ports" }, /^ {2}labs: expected a list of labs such as \[ports\], got "ports"$/m],
  ["a lab's settings that are no map", { ports: "80" }, /^ {2}ports: expected a map of settings, got 80$/m],
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
  ["a subnet too small", { ports: '{"subnet":"10.0.0.0/30"}' }, /^ {2}ports\.subnet: expected a block of \/8 to \/28/m],
  [
    "a subnet that is a number",
    { ports: '{"subnet":10}' },
    /^ {2}ports\.subnet: expected an IPv4 block such as .*, got 10$/m,
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
    /^ {2}links\.subnet: 10\.0\.0\.0\/24 overlaps bridge\.outside, 10\.0\.0\.252\/30$/m,
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
    "both generations of overlay networks",
    { labs: '["overlay","swarm"]' },
    /^ {2}labs: expected overlay or swarm, got both; the networks of an engine are either in a cluster store or in a swarm$/m,
  ],
  [
    "more managers than nodes",
    { labs: '["swarm"]', swarm: '{"managers":3}' },
    /^ {2}swarm\.managers: expected at most as many as there are hosts, 2, got 3$/m,
  ],
  [
    "a number as an environment variable",
    { swarm: '{"environment":{"RELEASE":2}}' },
    /^ {2}swarm\.environment\.RELEASE: expected a text, got 2$/m,
  ],
  ["another release of Debian", { swarm: '{"debian":11}' }, /^ {2}swarm\.debian: expected 12 or 13, got 11$/m],
  [
    "a LAN that has no room for the tutorial's addresses",
    { overlay: '{"subnet":"10.0.0.0/25"}' },
    /^ {2}overlay\.subnet: expected a block of \/8 to \/24, got 10\.0\.0\.0\/25$/m,
  ],
  [
    "an unknown key of a host",
    { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-ed25519 AAAA","keyfile":"x"}]' },
    /^ {2}hosts\.0\.keyfile: no such setting; there are name, address, hostKey, user, port, keyFile, sshConfig, jump, sudo, slowness, gone$/m,
  ],
  [
    "an unknown key of an archive",
    { overlay: '{"archive":{"version":"3.5.21","sha256":{"x86":"0"}}}' },
    /^ {2}overlay\.archive\.sha256\.x86: no such setting; there are amd64, arm64$/m,
  ],
  [
    "practice nodes of an unknown kind",
    { overlay: '{"practiceNodes":"lxc"}' },
    /^ {2}overlay\.practiceNodes: expected container or vm, got "lxc"$/m,
  ],
  [
    "a supervisor that there is not",
    { overlay: '{"supervisor":"upstart"}' },
    /^ {2}overlay\.supervisor: expected systemd or nohup, got "upstart"$/m,
  ],
  [
    "a host without a key",
    { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-ed25519 AAAA"}]' },
    /^ {2}hosts\.0\.keyFile: expected the path of a private key, or one in the ssh agent \(ssh-add FILE\); ssh-add -l: .+$/m,
  ],
  [
    "an unknown key of a jump host",
    { hosts: behind({ host: "10.0.0.9" }) },
    /^ {2}hosts\.0\.jump\.host: no such setting; there are address, user, port, keyFile, hostKey$/m,
  ],
  [
    "a jump host that is no map",
    { hosts: behind("bastion") },
    /^ {2}hosts\.0\.jump: expected a map of settings, got "bastion"$/m,
  ],
  [
    "a jump host without an address",
    { hosts: behind({ hostKey: "ssh-ed25519 AAAA" }) },
    /^ {2}hosts\.0\.(keyFile: ENOENT|jump\.address: expected an address or name, or an sshConfig that has a ProxyJump for a$)/m,
  ],
  [
    "a jump host whose name begins as an option",
    { hosts: behind({ address: "-oProxyCommand=id" }) },
    /^ {2}hosts\.0\.jump\.address: expected an address or name, got "-oProxyCommand=id"$/m,
  ],
  [
    "a jump host's address that is a number",
    { hosts: behind({ address: 7 }) },
    /^ {2}hosts\.0\.jump\.address: expected an address or name, got 7$/m,
  ],
  [
    "a jump host with a host key of RSA",
    { hosts: behind({ address: "bastion", hostKey: "ssh-rsa AAAA" }) },
    /^ {2}hosts\.0\.jump\.hostKey: expected ssh-ed25519 and the key, got "ssh-rsa AAAA"$/m,
  ],
  [
    "a jump host's port 0",
    { hosts: behind({ address: "bastion", port: 0 }) },
    /^ {2}hosts\.0\.jump\.port: expected a port from 1 to 65535, got 0$/m,
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
  ["a typo in the name of a list", { lab: '["ports"]' }, /^ {2}lab: no such setting; there are labs, /m],
  ["an empty name of a lab", { labs: '[""]' }, /^ {2}labs\.0: /m],
  ["a lab that is a number", { labs: "[7]" }, /^ {2}labs\.0: /m],
  ["labs that are null", { labs: "null" }, /^ {2}labs: expected a list of labs such as \[ports\], got null$/m],
  ["settings of a lab that are a list", { ports: "[]" }, /^ {2}ports: expected a map of settings, got \[\]$/m],
  ["settings of a lab that are null", { ports: "null" }, /^ {2}ports: expected a map of settings, got null$/m],
  ["settings of a lab in broken JSON", { ports: '{"port":' }, /^ {2}ports: expected a map of settings, got "/m],
  [
    "a subnet with five numbers",
    { ports: '{"subnet":"10.0.0.0.0/24"}' },
    /^ {2}ports\.subnet: expected an IPv4 block/m,
  ],
  ["a subnet beyond 255", { ports: '{"subnet":"10.0.256.0/24"}' }, /^ {2}ports\.subnet: expected an IPv4 block/m],
  ["a prefix beyond 32", { ports: '{"subnet":"10.0.0.0/33"}' }, /^ {2}ports\.subnet: expected /m],
  ["an IPv6 block", { ports: '{"subnet":"fd00::/64"}' }, /^ {2}ports\.subnet: expected an IPv4 block/m],
  ["the whole internet", { ports: '{"subnet":"0.0.0.0/0"}' }, /^ {2}ports\.subnet: expected a block of \/8 to \/28/m],
  ...[
    "0.0.0.0/8",
    "127.0.0.0/8",
    "127.9.0.0/16",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/8",
    "240.0.0.0/8",
    "255.255.255.0/24",
    "192.0.0.0/8",
  ].flatMap((block): Bad[] =>
    [
      ["ports", "subnet"],
      ["bridge", "outside"],
      ["overlay", "subnet"],
      ["overlay", "network"],
    ].map(([lab = "", key = ""]) => [
      `${lab}.${key} in the reserved ${block}`,
      { [lab]: JSON.stringify({ [key]: block }) },
      new RegExp(`^ {2}${lab}\\.${key}: ${block} cannot be used: \\S+ is reserved for .* \\(RFC \\d+\\)$`, "m"),
    ]),
  ),
  ...["0.0.0.9", "127.0.0.1", "169.254.1.1", "198.51.100.7", "224.0.0.5", "240.0.0.1"].map(
    (address): Bad => [
      `the end of a cable at the reserved ${address}`,
      { namespaces: JSON.stringify({ addresses: [`${address}/24`, `${address.replace(/\d+$/, "99")}/24`] }) },
      new RegExp(`^ {2}namespaces\\.addresses: ${address} cannot be used: \\S+ is reserved for`, "m"),
    ],
  ),
  ...["0.0.0.0", "169.254.1.1", "192.0.2.1", "239.0.0.1", "255.255.255.255"].map(
    (address): Bad => [
      `a host at the reserved ${address}`,
      { hosts: JSON.stringify([{ name: "a", address, hostKey: "ssh-ed25519 A" }]) },
      new RegExp(`^ {2}hosts\\.0\\.address: ${address} cannot be used: \\S+ is reserved for`, "m"),
    ],
  ),
  ...["0.0.0.1", "169.254.1.1", "203.0.113.1", "224.0.0.1", "255.255.255.255"].map(
    (publishAddress): Bad => [
      `ports that are published at the reserved ${publishAddress}`,
      { publishAddress },
      new RegExp(`^ {2}publishAddress: ${publishAddress} cannot be used: \\S+ is reserved for`, "m"),
    ],
  ),
  [
    "a host of the overlay at a loopback address",
    {
      labs: '["overlay"]',
      hosts: '[{"name":"a","address":"127.0.0.1","hostKey":"ssh-ed25519 A","gone":true,"keyFile":"x"}]',
    },
    /^ {2}hosts\.0\.address: expected an address at which the other hosts reach it, got 127\.0\.0\.1$/m,
  ],
  ["an empty subnet", { ports: '{"subnet":""}' }, /^ {2}ports\.subnet: expected an IPv4 block/m],
  ["a subnet with a command", { ports: '{"subnet":"10.0.0.0/24; touch /pwned"}' }, /^ {2}ports\.subnet: expected /m],
  ["a subnet with a line break", { ports: '{"subnet":"10.0.0.0/24\\nx"}' }, /^ {2}ports\.subnet: expected /m],
  [
    "a gateway that is the network's address",
    { ports: '{"subnet":"10.0.0.0/24","gateway":"10.0.0.0"}' },
    /^ {2}ports\.gateway: expected a host of/m,
  ],
  ["a gateway with a prefix", { ports: '{"gateway":"10.0.0.1/24"}' }, /^ {2}ports\.gateway: expected an IPv4 address/m],
  [
    "a gateway with a command",
    { ports: '{"gateway":"$(id)"}' },
    /^ {2}ports\.gateway: expected an IPv4 address, got "\$\(id\)"$/m,
  ],
  ["a negative port", { ports: '{"port":-1}' }, /^ {2}ports\.port: expected a port from 1 to 65535, got -1$/m],
  ["a port that is null", { ports: '{"port":null}' }, /^ {2}ports\.port: expected a whole number, got null$/m],
  ["a port in quotes", { ports: '{"port":"80"}' }, /^ {2}ports\.port: expected a whole number, got "80"$/m],
  ["no nodes", { overlay: '{"nodes":0}' }, /^ {2}overlay\.nodes: expected 1 to 7 nodes, got 0$/m],
  ["half a node", { overlay: '{"nodes":2.5}' }, /^ {2}overlay\.nodes: expected a whole number, got 2\.5$/m],
  [
    "an overlay block with host bits",
    { overlay: '{"network":"10.10.0.1/24"}' },
    /^ {2}overlay\.network: expected the block's own address/m,
  ],
  ["an empty socket", { overlay: '{"listen":[""]}' }, /^ {2}overlay\.listen\.0: expected a socket, got ""$/m],
  [
    "an archive without a version",
    { overlay: '{"archive":{}}' },
    /^ {2}overlay\.archive\.version: expected a version/m,
  ],
  ["hosts that are no list", { hosts: '{"name":"a"}' }, /^ {2}hosts: expected a list of hosts, got \{"name":"a"\}$/m],
  [
    "a host without a name",
    { hosts: '[{"address":"10.0.0.1","hostKey":"ssh-ed25519 A","keyFile":"x"}]' },
    /^ {2}hosts\.0\.name: expected a name of/m,
  ],
  [
    "a host's name with a command",
    { hosts: '[{"name":"a;touch /pwned","address":"10.0.0.1","hostKey":"ssh-ed25519 A"}]' },
    /^ {2}hosts\.0\.name: expected a name of .*, got "a;touch \/pwned"$/m,
  ],
  [
    "a host's name that begins as an option",
    { hosts: '[{"name":"-oProxyCommand=id","address":"10.0.0.1","hostKey":"ssh-ed25519 A"}]' },
    /^ {2}hosts\.0\.name: expected a name of/m,
  ],
  [
    "a host's address that is a name",
    { hosts: '[{"name":"a","address":"node1","hostKey":"ssh-ed25519 A"}]' },
    /^ {2}hosts\.0\.address: expected an IPv4 address, got "node1"$/m,
  ],
  [
    "a host key of RSA",
    { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-rsa AAAA"}]' },
    /^ {2}hosts\.0\.hostKey: expected ssh-ed25519 and the key/m,
  ],
  [
    "a host without a host key",
    { hosts: '[{"name":"a","address":"10.0.0.1"}]' },
    /^ {2}hosts\.0\.hostKey: expected the host's ed25519 host key/m,
  ],
  [
    "two hosts of one name",
    {
      hosts: JSON.stringify(
        ["10.0.0.1", "10.0.0.2"].map((address) => ({ name: "a", address, hostKey: "ssh-ed25519 A" })),
      ),
    },
    /^ {2}hosts: expected each name once$/m,
  ],
  [
    "two hosts of one address",
    { hosts: JSON.stringify(["a", "b"].map((name) => ({ name, address: "10.0.0.1", hostKey: "ssh-ed25519 A" }))) },
    /^ {2}hosts: expected each address once$/m,
  ],
  [
    "eight hosts",
    {
      hosts: JSON.stringify(
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ name: `a${n}`, address: `10.0.0.${n}`, hostKey: "ssh-ed25519 A" })),
      ),
    },
    /^ {2}hosts: expected at most 7 hosts$/m,
  ],
  [
    "a host's sudo that is a word",
    { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-ed25519 A","sudo":"yes"}]' },
    /^ {2}hosts\.0\.sudo: expected true or false, got "yes"$/m,
  ],
  [
    "a host's port 0",
    { hosts: '[{"name":"a","address":"10.0.0.1","hostKey":"ssh-ed25519 A","port":0}]' },
    /^ {2}hosts\.0\.port: expected a port from 1 to 65535, got 0$/m,
  ],
  [
    "an address to publish on with a port",
    { publishAddress: "127.0.0.1:80" },
    /^ {2}publishAddress: expected an IPv4 address of this host/m,
  ],
  [
    "an address to publish on of IPv6",
    { publishAddress: "::1" },
    /^ {2}publishAddress: expected an IPv4 address of this host/m,
  ],
];
