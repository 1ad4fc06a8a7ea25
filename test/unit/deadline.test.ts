import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probe } from "../../lab/checks/probe.ts";
import { hostSessions } from "../../lab/host/sessions.ts";
import type { Check } from "../../stacks/checks.ts";

const common = { id: "1.1-x", row: "1.1", lab: "bridge", title: "it does", from: "host" } as const;
const to = { address: "127.0.0.1" };
const PING: Check = { ...common, kind: "ping", to, expect: "silence" };

describe("a check without an answer", function () {
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
  /** Adds a program of this name at the front of PATH. */
  const instead = (name: string, script: string) => {
    writeFileSync(join(scratch, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(scratch, name), 0o755);
    process.env.PATH = `${scratch}:${path}`;
  };

  it("fails after its time limit, and its processes are killed, even if they ignore signals", async () => {
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

  it("fails if a server accepts a connection and does not respond", async () => {
    const sockets: { destroy: () => void }[] = [];
    server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server?.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const http: Check = { ...common, kind: "http", to, port, expect: "x" };
    assert.deepEqual(await probe(http, hostSessions(), 1), { passed: false, actual: "no answer in 1 s" });
    for (const socket of sockets) socket.destroy();
  });

  it("is no proof of silence if no ping was sent", async () => {
    instead("ping", "echo 'ping: socket: Operation not permitted' >&2; exit 2");
    const finding = { passed: false, actual: "no ping was sent: ping: socket: Operation not permitted" };
    assert.deepEqual(await probe(PING, hostSessions()), finding);
  });

  it("passes for silence if there is no route for a ping", async () => {
    instead("ping", "echo 'ping: connect: Network is unreachable' >&2; exit 2");
    assert.deepEqual(await probe(PING, hostSessions()), { passed: true, actual: "silence from 127.0.0.1" });
  });
});
