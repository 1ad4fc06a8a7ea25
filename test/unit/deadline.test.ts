import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pooled } from "../../lab/checks/pool.ts";
import { probe } from "../../lab/checks/probe.ts";
import { hostSessions } from "../../lab/host/sessions.ts";
import type { Check } from "../../stacks/checks.ts";

const common = { id: "1.1-x", row: "1.1", lab: "bridge", title: "it does", from: "host" } as const;
const to = { address: "127.0.0.1" };
const PING: Check = { ...common, kind: "ping", to, expect: "silence" };

describe("a check that gets no answer", function () {
  this.timeout(20_000);
  const path = process.env.PATH;
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-deadline-"));
  let server: Server | undefined;
  after(() => {
    server?.close();
    rmSync(scratch, { recursive: true });
  });
  afterEach(() => {
    process.env.PATH = path;
  });
  /** Puts a program of this name before all others. */
  const instead = (name: string, script: string) => {
    writeFileSync(join(scratch, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(scratch, name), 0o755);
    process.env.PATH = `${scratch}:${path}`;
  };

  it("has failed after its time, and what it has begun is ended, even if that takes no signal for an end", async () => {
    const file = join(scratch, "pid");
    instead("ping", `trap '' TERM; echo "$$" >'${file}'; while :; do sleep 1; done`);
    const began = performance.now();
    assert.deepEqual(await probe(PING, hostSessions(), 2), { passed: false, actual: "no answer in 2 s" });
    assert.ok(performance.now() - began < 8_000);
    const pid = readFileSync(file, "utf8").trim();
    for (let tries = 0; existsSync(`/proc/${pid}`) && tries < 50; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(!existsSync(`/proc/${pid}`));
  });

  it("has failed when a server takes a connection and says nothing", async () => {
    const sockets: { destroy: () => void }[] = [];
    server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server?.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const http: Check = { ...common, kind: "http", to, port, expect: "x" };
    assert.deepEqual(await probe(http, hostSessions(), 1), { passed: false, actual: "no answer in 1 s" });
    for (const socket of sockets) socket.destroy();
  });

  it("is no proof of silence when no ping was sent", async () => {
    instead("ping", "echo 'ping: socket: Operation not permitted' >&2; exit 2");
    const finding = { passed: false, actual: "no ping was sent: ping: socket: Operation not permitted" };
    assert.deepEqual(await probe(PING, hostSessions()), finding);
  });

  it("passes for silence when there is no way for a ping", async () => {
    instead("ping", "echo 'ping: connect: Network is unreachable' >&2; exit 2");
    assert.deepEqual(await probe(PING, hostSessions()), { passed: true, actual: "silence from 127.0.0.1" });
  });
});

describe("a pool", () => {
  it("does no more at once than it may, does all, and keeps their order", async () => {
    let [now, most] = [0, 0];
    const items = Array.from({ length: 20 }, (_, i) => i);
    const doubled = await pooled(items, 3, async (item) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, (item % 4) * 2));
      now -= 1;
      return 2 * item;
    });
    assert.deepEqual([doubled, most], [items.map((item) => 2 * item), 3]);
    assert.deepEqual(await pooled([], 3, async () => 1), []);
  });
});
