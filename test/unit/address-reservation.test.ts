import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { shellScript } from "../../lab/host/facts.ts";

const RESERVATION = new URL("../../components/address-reservation/reservation.sh", import.meta.url);
/** Output of an engine and a host without conflicts. */
const ENGINE = [
  "172.17.0.0/16 docker0 / bridge",
  "10.1.0.0/24 br-0123456789ab / theirs",
  "10.2.0.0/24 br-ba9876543210 dockernet/mine ours",
];
const ROUTES = [
  "default via 192.168.5.1 dev eth0 ",
  "192.168.5.0/24 dev eth0 proto kernel scope link src 192.168.5.2 ",
  "172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown ",
  "10.1.0.0/24 dev br-0123456789ab proto kernel scope link src 10.1.0.1 ",
  "10.2.0.0/24 dev br-ba9876543210 proto kernel scope link src 10.2.0.1 ",
  "local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1 ",
  "local 10.2.0.1 dev br-ba9876543210 table local proto kernel scope host src 10.2.0.1 ",
  "broadcast 10.2.0.255 dev br-ba9876543210 table local proto kernel scope link src 10.2.0.1 ",
];
const RULES = ["0:\tfrom all lookup local", "32766:\tfrom all lookup main", "32767:\tfrom all lookup default"];

describe("the check for conflicting addresses", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-reservation-"));
  const program = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const print = (lines: readonly string[]) => `cat <<'END'\n${lines.join("\n")}\nEND`;
  after(() => rmSync(folder, { recursive: true }));

  const run = (variables: Record<string, string>) => {
    const env = { PATH: `${folder}${delimiter}${process.env.PATH}` };
    const part = { script: RESERVATION, variables: { OWNER: "dockernet/mine", ...variables }, call: "obstacles" };
    return execFileSync("sh", ["-s"], { input: shellScript([part]), env, encoding: "utf8" })
      .split("\n")
      .slice(0, -1);
  };
  const obstacles = (
    subnets: string,
    { routes = [], rules = [], interfaces = "" }: { routes?: string[]; rules?: string[]; interfaces?: string } = {},
    engine = `case $2 in ls) echo id ;; inspect) ${print(ENGINE)}\n;; esac`,
  ) => {
    program("docker", engine);
    program("ip", `case $* in *rule*) ${print([...RULES, ...rules])}\n;; *) ${print([...ROUTES, ...routes])}\n;; esac`);
    return run({ INTERFACES: interfaces, SUBNETS: subnets, PORTS: "" });
  };
  const SUBNET = "10.77.7.0/24";

  const held: readonly [what: string, host: Parameters<typeof obstacles>[1], said: string][] = [
    [
      "a bridge that is named like one of Docker's",
      { routes: ["10.77.7.0/24 dev br-lan proto kernel scope link src 10.77.7.1 "] },
      "a route of this host (10.77.7.0/24 dev br-lan proto kernel scope link src 10.77.7.1)",
    ],
    [
      "a bridge without a network of the engine",
      { routes: ["10.77.7.0/24 dev docker9 proto kernel scope link src 10.77.7.1 linkdown "] },
      "a route of this host (10.77.7.0/24 dev docker9 proto kernel scope link src 10.77.7.1)",
    ],
    [
      "a route behind a bridge of the engine",
      { routes: ["10.77.7.0/24 via 10.1.0.9 dev br-0123456789ab "] },
      "a route of this host (10.77.7.0/24 via 10.1.0.9 dev br-0123456789ab)",
    ],
    [
      "another table",
      { routes: ["10.64.0.0/10 via 192.168.5.7 dev wg0 table 51820 "] },
      "a route of this host (10.64.0.0/10 via 192.168.5.7 dev wg0 table 51820)",
    ],
    [
      "a route with two ways",
      {
        routes: ["10.77.0.0/16 proto static \\\tnexthop via 192.168.5.7 dev eth0 weight 1 \\\tnexthop via 192.168.5.8"],
      },
      "a route of this host (10.77.0.0/16 proto static nexthop via 192.168.5.7 dev eth0 weight 1 nexthop via 192.168.5.8)",
    ],
    ...["unreachable", "blackhole", "prohibit"].map((type): (typeof held)[number] => [
      `a route of the type ${type}`,
      { routes: [`${type} 10.77.7.0/25 `] },
      `a route of this host (${type} 10.77.7.0/25)`,
    ]),
    [
      "an address without a route",
      { routes: ["local 10.77.7.9 dev lo table local proto kernel scope host src 10.77.7.9 "] },
      "an address of this host (10.77.7.9 dev lo)",
    ],
    [
      "a rule that sends it to a table with a default route",
      { rules: ["100:\tfrom all to 10.77.0.0/16 lookup vpn"] },
      "a rule of this host (from all to 10.77.0.0/16 lookup vpn)",
    ],
    [
      "a rule that refuses it",
      { rules: ["100:\tfrom all to 10.77.7.7 prohibit"] },
      "a rule of this host (from all to 10.77.7.7 prohibit)",
    ],
  ];
  for (const [what, host, said] of held) {
    it(`finds ${what}`, () => {
      assert.deepEqual(obstacles(SUBNET, host), [`${SUBNET} overlaps ${said}`]);
      assert.deepEqual(obstacles("10.200.0.0/24", host), []);
    });
  }

  const free: readonly [what: string, host: Parameters<typeof obstacles>[1]][] = [
    [
      "default routes, whole and in halves",
      { routes: ["default dev wg0 table 7 ", "0.0.0.0/1 dev tun0 ", "128.0.0.0/1 dev tun0 "] },
    ],
    [
      "unreachable and local default routes",
      { routes: ["unreachable default metric 4278198272 ", "local default dev lo table 100 "] },
    ],
    ["a route that leaves it to another table", { routes: ["throw 10.77.7.0/24 table 52 "] }],
    [
      "a rule that leads to the main table",
      { rules: ["9:\tfrom all to 10.77.7.0/24 lookup main suppress_prefixlength 0"] },
    ],
    [
      "a rule for all other addresses",
      { rules: ["9:\tnot from all to 10.77.7.0/24 lookup 51820", "8:\tfrom 10.77.7.0/24 lookup 100"] },
    ],
    [
      "the owner's own interface",
      {
        interfaces: "veth-outside",
        routes: [
          "10.77.7.0/30 dev veth-outside proto kernel scope link src 10.77.7.1 ",
          "local 10.77.7.1 dev veth-outside table local proto kernel scope host src 10.77.7.1 ",
        ],
      },
    ],
  ];
  for (const [what, host] of free) {
    it(`ignores ${what}`, () => assert.deepEqual(obstacles(SUBNET, host), []));
  }

  it("finds a publish address that no interface has, once for all ports", () => {
    program("docker", "exit 0");
    program("ss", "exit 0");
    const route =
      'case $* in *127.0.0.1*) echo "local 127.0.0.1 dev lo src 127.0.0.1" ;; *) echo "$4 via 192.168.5.1" ;; esac';
    program("ip", `case $* in *get*) ${route} ;; esac`);
    const look = (ports: string) => run({ SUBNETS: "", PORTS: ports });
    assert.deepEqual(look("0.0.0.0:80 127.0.0.1:81"), []);
    assert.deepEqual(look("10.1.2.3:80 10.1.2.3:81"), ["address 10.1.2.3 is on no interface of this host"]);
  });

  it("names the owner of networks of the engine, and not their interface", () => {
    assert.deepEqual(obstacles("10.1.0.128/25 10.2.0.0/24 172.17.5.0/24"), [
      "10.1.0.128/25 overlaps the network theirs (10.1.0.0/24)",
      "172.17.5.0/24 overlaps the network bridge (172.17.0.0/16)",
    ]);
  });

  it("reports nothing if no engine answers, because it could not identify the engine's bridges", () => {
    const routes = ["10.77.7.0/24 dev br-lan "];
    assert.equal(obstacles(SUBNET, { routes }).length, 1);
    assert.deepEqual(obstacles(SUBNET, { routes }, "exit 1"), []);
  });
});
