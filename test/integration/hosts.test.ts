import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { local } from "@pulumi/command";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { HostScript, type SshHost } from "../../components/host-script/HostScript.ts";
import { attempt } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { type SshServer, startSshServer } from "../sshServer.ts";
import { type TestStack, testStack } from "../stack.ts";

const FILE = new URL("file.sh", import.meta.url);
const GENERATE = new URL("../../components/ssh-key/generate.sh", import.meta.url);

describe("hosts of HostScript", function () {
  this.timeout(120_000);
  const container = `dockernet-hosts-${randomBytes(6).toString("hex")}`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-hosts-"));
  let server: SshServer;
  let stack: TestStack;

  before(async () => {
    server = await startSshServer(container, work, randomBytes(12).toString("hex"));
  });
  beforeEach(async () => {
    const state = mkdtempSync(join(work, "state-"));
    stack = testStack(await inlineStack("hosts", "test", state));
  });
  after(async () => {
    await attempt("docker", ["rm", "--force", container]);
    rmSync(work, { recursive: true });
  });

  /** A program that creates a file on the server, or on a host that differs from it. */
  const onHost =
    (connection: Partial<SshServer["connection"]>, host: Partial<SshHost> = {}): PulumiFn =>
    async () => {
      const variables = { FILE: "/tmp/file", TEXT: "text", JOURNAL: "/tmp/journal" };
      const target: SshHost = {
        kind: "ssh",
        name: "docker-node9",
        connection: { ...server.connection, ...connection },
        ...host,
      };
      new HostScript("file", { host: target, script: FILE, variables });
    };
  /** Runs an `up` that must fail; returns the only error in the diagnostics, its resource, and the time in seconds. */
  const failure = async (program: PulumiFn) => {
    const began = performance.now();
    const said = await stack.up({ program }).then(
      () => assert.fail("no error"),
      (error: Error) => error.message,
    );
    const diagnostic = /\n {2}command:remote:Command \((.*)\):\n {4}error: (.*)\n/.exec(said);
    return { resource: diagnostic?.[1], error: diagnostic?.[2], seconds: (performance.now() - began) / 1000 };
  };
  const journal = async () => (await server.exec("sh", "-c", "cat /tmp/journal; : >/tmp/journal")).split("\n");

  it("one that refuses connections fails at once", async () => {
    const { resource, error, seconds } = await failure(onHost({ port: 1 }));
    assert.equal(resource, "file@docker-node9");
    assert.equal(error, "after 4 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused");
    assert.ok(seconds < 10, `${seconds}`);
  });

  it("one that is silent fails after 20 seconds", async () => {
    const { port, stop } = await silence();
    try {
      const { error, seconds } = await failure(onHost({ port }));
      assert.equal(error, `after 4 failed attempts: dial tcp 127.0.0.1:${port}: i/o timeout`);
      assert.ok(seconds < 20, `${seconds}`);
    } finally {
      stop();
    }
  });

  it("one that is starting is waited for up to its time limit", async () => {
    const relay = closedRelay(server.connection.port);
    try {
      const { error } = await failure(onHost(relay.at));
      assert.match(error ?? "", /connection refused$/);
      relay.openIn(4000);
      await stack.up({ program: onHost(relay.at, { bootSec: 20 }) });
      await stack.destroy();
      assert.deepEqual(await journal(), ["up /tmp/file", "down /tmp/file"]);
    } finally {
      relay.stop();
    }
  });

  it("one that rejects the user's key, or has another host key, causes an error with its name", async () => {
    const stranger = await failure(onHost({ privateKey: server.strangerKey }));
    assert.equal(stranger.resource, "file@docker-node9");
    assert.match(stranger.error ?? "", /ssh: unable to authenticate, attempted methods \[none publickey\]/);
    const other = await failure(onHost({ hostKey: server.otherKey }));
    assert.equal(other.resource, "file@docker-node9");
    assert.match(other.error ?? "", /ssh: host key mismatch$/);
    assert.deepEqual(await journal(), [""]);
  });

  it("no connection is opened to one that is gone, with or without recorded scripts", async () => {
    await stack.up({ program: onHost({}) });
    const gone = onHost({ port: 1 }, { gone: true });
    await stack.up({ program: gone });
    assert.deepEqual((await stack.info())?.resourceChanges, { same: 2 });
    await stack.preview({ program: gone, expectNoChanges: true });
    await stack.destroy();
    await stack.up({ program: gone });
    await stack.destroy();
    assert.deepEqual(await journal(), ["up /tmp/file"]);
  });

  it("one that is no longer marked as gone is unchanged", async () => {
    await stack.up({ program: onHost({}) });
    await stack.up({ program: onHost({}, { gone: true }) });
    await stack.preview({ program: onHost({}), expectNoChanges: true });
    await stack.up({ program: onHost({}) });
    await stack.destroy();
    assert.deepEqual(await journal(), ["up /tmp/file", "down /tmp/file"]);
  });

  it("scripts on one that a resource creates run again when it is replaced, and are deleted with it", async () => {
    const program =
      (generation: string): PulumiFn =>
      async () => {
        const resource = new local.Command("host", { create: "true", triggers: [generation] });
        await onHost({}, { resource })();
      };
    await stack.up({ program: program("one") });
    assert.deepEqual(await journal(), ["up /tmp/file"]);
    await stack.up({ program: program("two") });
    assert.deepEqual(
      (await journal()).filter((line) => line.startsWith("up")),
      ["up /tmp/file"],
    );
    await stack.destroy();
    assert.deepEqual(await journal(), [""]);
  });

  it("a secret output is only in the state, encrypted, and does not change when the script does", async () => {
    const program =
      (CHANGE: string): PulumiFn =>
      async () => {
        const options = { secretOutput: true, previousOutput: true };
        const host = { kind: "local" } as const;
        return { key: new HostScript("key", { host, script: GENERATE, variables: { CHANGE }, ...options }).stdout };
      };
    const shown: string[] = [];
    await stack.up({ program: program("1"), onOutput: (line) => shown.push(line) });
    const first = (await stack.outputs()).key?.value;
    assert.match(first, /^-----BEGIN OPENSSH PRIVATE KEY-----\n.*\nssh-ed25519 \S+/s);
    await stack.up({ program: program("2"), onOutput: (line) => shown.push(line) });
    assert.equal((await stack.info())?.resourceChanges?.update, 1);
    assert.deepEqual((await stack.outputs()).key, { value: first, secret: true });
    const state = readFileSync(join(stack.workspace.workDir, ".pulumi/stacks/hosts/test.json"), "utf8");
    assert.equal(`${state}${shown.join("")}`.includes("PRIVATE KEY"), false);
  });
});

/** A port that neither accepts nor refuses connections: its queue is full, and its process is stopped. */
async function silence(): Promise<{ port: number; stop: () => void }> {
  const program = `const s = require("net").createServer().listen(0, "127.0.0.1", 1, () => console.log(s.address().port))`;
  const owner: ChildProcess = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(owner.stdout as NodeJS.ReadableStream, "data");
  const port = Number(String(line));
  owner.kill("SIGSTOP");
  const queued: Socket[] = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await setTimeout(200);
  return {
    port,
    stop: () => {
      for (const socket of queued) socket.destroy();
      owner.kill("SIGKILL");
    },
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * An address that forwards to a port after it was opened, and refuses connections until then. No system assigns it
 * to a server that asks for any free port, such as those of Pulumi and its plugins.
 */
function closedRelay(to: number): { at: Address; openIn: (ms: number) => void; stop: () => void } {
  const at: Address = { host: "127.0.0.9", port: 22_022 };
  const relay = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  return {
    at,
    openIn: (ms) => void setTimeout(ms).then(() => relay.listen(at.port, at.host)),
    stop: () => void relay.close(),
  };
}
