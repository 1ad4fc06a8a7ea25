import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probe as probeOn } from "../../lab/checks/probe.ts";
import { verify } from "../../lab/checks/verify.ts";
import { resultJson, resultTable, tally } from "../../lab/cli/results.ts";
import { readInterfaces } from "../../lab/host/interfaces.ts";
import { hostSessions } from "../../lab/host/sessions.ts";
import type { Check } from "../../stacks/checks.ts";

const probe = (check: Check) => probeOn(check, hostSessions());
const HERE = { address: "127.0.0.1" };
const common = { id: "8.4-x", row: "8.4", lab: "counter", title: "it does" };

describe("probes", () => {
  const servers: Server[] = [];
  const serve = (listener: RequestListener): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer(listener).listen(0, "127.0.0.1", () =>
        resolve((server.address() as AddressInfo).port),
      );
      servers.push(server);
    });
  after(() => {
    for (const server of servers) server.close();
  });
  const counting = (port: number): Check => ({ ...common, kind: "counts", to: HERE, port, requests: 50 });

  it("counts: passes when every visit is counted once, whatever the count was before", async () => {
    let hits = 1_000;
    const port = await serve((_, response) => {
      hits += 1;
      response.end(`I have been seen ${hits} times`);
    });
    assert.deepEqual(await probe(counting(port)), { passed: true, actual: "50 different numbers from 1001 to 1050" });
  });

  it("counts: makes each visit over a new connection, which no server has closed in the meantime", async () => {
    let hits = 0;
    const ports = new Set<number | undefined>();
    const port = await serve((request, response) => {
      hits += 1;
      ports.add(request.socket.remotePort);
      response.end(`seen ${hits} times`);
    });
    for (const _ of [1, 2]) assert.equal((await probe(counting(port))).passed, true);
    assert.equal(ports.size, 100);
  });

  it("counts: fails when two visits get one number, when one is counted twice, and when one is not answered", async () => {
    let [shared, skipping, refusing] = [0, 0, 0];
    const ports = await Promise.all([
      serve((_, response) => {
        shared += 1;
        response.end(`seen ${shared === 7 ? 6 : shared} times`);
      }),
      serve((_, response) => {
        skipping += skipping === 7 ? 2 : 1;
        response.end(`seen ${skipping} times`);
      }),
      serve((_, response) => {
        refusing += 1;
        response.statusCode = refusing === 7 ? 500 : 200;
        response.end(`seen ${refusing} times`);
      }),
    ]);
    const findings = await Promise.all(ports.map((port) => probe(counting(port))));
    assert.deepEqual(findings, [
      { passed: false, actual: "49 different numbers from 1 to 50" },
      { passed: false, actual: "50 different numbers from 1 to 51" },
      { passed: false, actual: "49 of 50 visits answered" },
    ]);
  });

  it("counts: passes while others visit, too, whose visits are counted in between", async () => {
    let hits = 0;
    const port = await serve((_, response) => {
      hits += hits === 6 ? 2 : 1;
      response.end(`seen ${hits} times`);
    });
    const others = setInterval(() => {
      hits += 1;
    }, 1);
    const found = await probe(counting(port)).finally(() => clearInterval(others));
    assert.match(found.actual, /^50 different numbers from \d+ to \d+, between those of other visitors$/);
    assert.equal(found.passed, true);
  });

  it("run in parallel up to a limit, with results in the order of the checks", async () => {
    let visits = 0;
    const port = await serve((_, response) => {
      visits += 1;
      setTimeout(() => response.end("page"), (visits % 4) * 5);
    });
    const folder = mkdtempSync(join(tmpdir(), "dockernet-verify-"));
    writeFileSync(join(folder, "docker"), "#!/bin/sh\n", { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${folder}:${path}`;
    try {
      let [now, most] = [0, 0];
      const begins = () => {
        now += 1;
        most = Math.max(most, now);
      };
      const ends = () => {
        now -= 1;
      };
      const checks = Array.from({ length: 30 }, (_, i): Check => {
        return { ...common, id: `8.4-${i}`, kind: "http", from: "host", to: HERE, port, expect: "page" };
      });
      const results = await verify({ checks, hosts: {} }, { observer: { begins, ends } });
      assert.deepEqual([results.map(({ check }) => check), most], [checks, 8]);
    } finally {
      process.env.PATH = path;
      rmSync(folder, { recursive: true });
    }
  });

  it("http: passes on the expected page and shows the line, fails on another page and on no reply", async () => {
    const port = await serve((request, response) =>
      response.end(`first\n<h1>Welcome to ${request.headers.host}!</h1>`),
    );
    const check = { ...common, kind: "http", from: "host", to: HERE, port, expect: "Welcome to [\\d.:]+!" } as const;
    assert.deepEqual(await probe(check), { passed: true, actual: `Welcome to 127.0.0.1:${port}!` });
    assert.equal((await probe({ ...check, expect: "It works" })).passed, false);
    assert.deepEqual(await probe({ ...check, port: 1 }), { passed: false, actual: "no page at http://127.0.0.1:1/" });
  });

  it("tcp: distinguishes an open port from a closed one, and fails on either when the other was expected", async () => {
    const server = createTcpServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const tcp = (number: number, expect: "open" | "closed") =>
      probe({ ...common, kind: "tcp", from: "host", to: HERE, port: number, expect });
    const open = [await tcp(port, "open"), await tcp(port, "closed")];
    server.close();
    const closed = [await tcp(1, "open"), await tcp(1, "closed")];
    assert.deepEqual(
      [...open, ...closed].map(({ passed }) => passed),
      [true, false, false, true],
    );
    assert.match(closed[0]?.actual ?? "", /127\.0\.0\.1:1 refused/);
  });

  it("ping: gets a reply from this host, and fails on a reply when silence was expected", async () => {
    const ping = (expect: "reply" | "silence") => probe({ ...common, kind: "ping", from: "host", to: HERE, expect });
    assert.deepEqual(await ping("reply"), { passed: true, actual: "reply from 127.0.0.1" });
    assert.equal((await ping("silence")).passed, false);
  });

  it("interface: finds the loopback of this host, and fails on another address and on a missing interface", async () => {
    const at = { ...common, kind: "interface", at: "host" } as const;
    const lo = (address: string): Check => ({ ...at, interface: "lo", expect: { state: "up", address } });
    assert.deepEqual(await probe(lo("127.0.0.1/8")), { passed: true, actual: "lo up 127.0.0.1/8" });
    assert.deepEqual(await probe(lo("127.0.0.1/16")), { passed: false, actual: "lo up 127.0.0.1/8" });
    const absent = (name: string) => probe({ ...at, interface: name, expect: { state: "absent" } });
    assert.deepEqual(await absent("no-such-one"), { passed: true, actual: "no-such-one absent" });
    assert.equal((await absent("lo")).passed, false);
  });

  it("a missing namespace fails a check, with that reason", async () => {
    const at = { namespace: "dockernet-no-such-namespace" };
    const actual = "there is no network namespace dockernet-no-such-namespace";
    const absent = { state: "absent" } as const;
    assert.deepEqual(await probe({ ...common, kind: "interface", at, interface: "eth0", expect: absent }), {
      passed: false,
      actual,
    });
    assert.deepEqual(await probe({ ...common, kind: "ping", from: at, to: HERE, expect: "silence" }), {
      passed: false,
      actual,
    });
  });

  it("a missing container fails a check, with that reason", async () => {
    const check: Check = { ...common, kind: "published", container: "dockernet-no-such-container", expect: [] };
    assert.deepEqual(await probe(check), {
      passed: false,
      actual: "there is no container dockernet-no-such-container",
    });
  });
});

describe("readInterfaces", () => {
  const entry = (ifname: string, flags: string[], ...addresses: string[]) => ({
    ifindex: 2,
    link_netnsid: 0,
    ifname,
    flags: ["BROADCAST", ...flags],
    operstate: "UNKNOWN",
    addr_info: addresses.map((address) => {
      const [local = "", prefix] = address.split("/");
      return { family: local.includes(":") ? "inet6" : "inet", local, prefixlen: Number(prefix), scope: "global" };
    }),
  });

  it("distinguishes states, and returns every IPv4 address and no other", () => {
    const all = [
      entry("lo", ["UP", "LOWER_UP"], "127.0.0.1/8", "::1/128"),
      entry("down", ["M-DOWN"], "10.0.0.1/24"),
      entry("unplugged", ["NO-CARRIER", "UP", "M-DOWN"]),
      entry("two", ["UP", "LOWER_UP"], "10.0.0.1/24", "10.0.1.1/24"),
    ];
    assert.deepEqual(
      [...readInterfaces(JSON.stringify(all))],
      [
        ["lo", "up 127.0.0.1/8"],
        ["down", "down 10.0.0.1/24"],
        ["unplugged", "unplugged"],
        ["two", "up 10.0.0.1/24 10.0.1.1/24"],
      ],
    );
  });

  it("refuses output that is not a list of interfaces", () => {
    assert.throws(() => readInterfaces('{"ifname":"lo"}'));
    assert.throws(() => readInterfaces("1: lo: <LOOPBACK>"));
  });
});

describe("reports", () => {
  const check: Check = { ...common, kind: "published", container: "redis", expect: [] };
  const results = [
    { check, passed: true, actual: "nothing published", ms: 12 },
    { check: { ...check, row: "9.10", title: "it does more" }, passed: false, actual: "0.0.0.0:6379->6379/tcp", ms: 3 },
  ];

  it("show each check in a line, in columns", () => {
    assert.equal(
      resultTable(results),
      [
        "ROW   RESULT  CHECK         ACTUAL",
        "8.4   passed  it does       nothing published",
        "9.10  FAILED  it does more  0.0.0.0:6379->6379/tcp",
      ].join("\n"),
    );
    assert.equal(tally(results), "1 passed, 1 failed");
  });

  it("are JSON for other programs", () => {
    assert.deepEqual(JSON.parse(resultJson(results))[0], {
      ...common,
      passed: true,
      actual: "nothing published",
      ms: 12,
    });
  });
});
