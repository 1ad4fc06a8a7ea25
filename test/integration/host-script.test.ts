import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Host, HostScript } from "../../components/host-script/HostScript.ts";
import { runOverSsh, scriptOf } from "../../lab/host/overSsh.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { type SshServer, startSshServer } from "../sshServer.ts";
import { type TestStack, testStack } from "../stack.ts";

/** Resets the connections to the server. */
const CUT = "kill -9 $(grep -l '^sshd: root' /proc/[0-9]*/cmdline | cut -d / -f 3)";
/** Time after which the script with the lost connection ends by itself, in seconds. */
const LOST_SEC = 12;
const SCRIPT = new URL("file.sh", import.meta.url);

describe("HostScript, on this host and over SSH", function () {
  this.timeout(120_000);
  const container = `dockernet-host-script-${randomBytes(6).toString("hex")}`;
  // The same paths on both sides; the server is a container, so they do not collide.
  const work = join(tmpdir(), container);
  const [one, two, journal] = ["one", "two", "journal"].map((file) => join(work, file)) as [string, string, string];
  let server: SshServer;
  let stack: TestStack;

  before(async () => {
    mkdirSync(work, { mode: 0o700 });
    server = await startSshServer(container, work, randomBytes(12).toString("hex"));
    await server.exec("mkdir", "-p", work);
    stack = testStack(await inlineStack("host-script", "test", work));
  });
  after(async () => {
    await attempt("docker", ["rm", "--force", container]);
    rmSync(work, { recursive: true });
  });

  const file =
    (FILE: string, TEXT: string, timeoutSec?: number): PulumiFn =>
    async () => {
      const hosts: Record<string, Host> = {
        here: { kind: "local" },
        there: { kind: "ssh", connection: server.connection },
      };
      for (const [name, host] of Object.entries(hosts)) {
        const variables = { FILE, TEXT, JOURNAL: journal };
        new HostScript(name, { host, script: SCRIPT, variables, identity: ["FILE"], timeoutSec });
      }
    };
  /** Content of both sides: one value, because they must not differ. */
  const both = async (...command: [string, ...string[]]) => {
    const [program, ...args] = command;
    const answers = [await attempt(program, args), await server.exec(...command).catch(() => undefined)];
    assert.equal(answers[0], answers[1]);
    return answers[0];
  };
  /** Verbs that ran since the last call. */
  const journalled = async () => {
    const lines = (await both("cat", journal)) ?? "";
    await Promise.all([run("rm", ["-f", journal]), server.exec("rm", "-f", journal)]);
    return lines.replaceAll(`${work}/`, "").split("\n");
  };
  const failure = (program: PulumiFn): Promise<string> =>
    stack.up({ program, continueOnError: true }).then(
      () => assert.fail("no error"),
      (error: Error) => error.message,
    );

  it("up creates it, for any value of a variable, without standard input", async () => {
    const text = `it's "$(touch ${work}/no)" \\\n; exit 1`;
    await stack.up({ program: file(one, text) });
    assert.equal(await both("cat", one), text);
    assert.equal(await both("ls", `${work}/no`), undefined);
    assert.deepEqual(await journalled(), ["up one"]);
    await stack.preview({ program: file(one, text), expectNoChanges: true });
  });

  it("a changed variable runs up again, without down", async () => {
    await stack.up({ program: file(one, "changed") });
    assert.equal(await both("cat", one), "changed");
    assert.deepEqual(await journalled(), ["up one"]);
  });

  it("a changed identity takes the old thing down, then creates the new one", async () => {
    await stack.up({ program: file(two, "changed") });
    assert.deepEqual([await both("ls", one), await both("cat", two)], [undefined, "changed"]);
    assert.deepEqual(await journalled(), ["down one", "up two"]);
  });

  it("a change that check refuses runs nothing, and one that fails halfway leaves what existed", async () => {
    assert.match(await failure(file(two, "refused")), /sh -s -- update":\s+the text must not be refused\n/);
    assert.equal(await both("cat", two), "changed");
    assert.match(await failure(file(two, "broken")), /sh -s -- update":\s+the text must not be broken\n/);
    assert.equal(await both("cat", two), "broken");
    assert.deepEqual(await journalled(), ["up two"]);
    await stack.up({ program: file(two, "mended") });
    assert.equal(await both("cat", two), "mended");
    await journalled();
  });

  it("down succeeds if the thing is already gone", async () => {
    await both("rm", two);
    await stack.destroy();
    assert.deepEqual(await journalled(), ["down two"]);
  });

  it("an up that fails halfway, or times out, is undone, and reports the reason", async () => {
    assert.match(
      await failure(file(one, "broken")),
      /status 1: running "timeout .* up":\s+the text must not be broken\n/,
    );
    assert.deepEqual([await both("ls", one), await journalled()], [undefined, ["up one", "down one"]]);
    assert.match(await failure(file(one, "slow", 1)), /status 124: running .*time limit exceeded\n/s);
    assert.deepEqual([await both("ls", one), await journalled()], [undefined, ["up one", "down one"]]);
    await stack.destroy();
  });

  it("an up waits for an earlier run that lost its connection, and for its undoing", async () => {
    const there =
      (TEXT: string): PulumiFn =>
      async () => {
        const variables = { FILE: one, TEXT, JOURNAL: journal };
        new HostScript("there", {
          host: { kind: "ssh", connection: server.connection },
          script: SCRIPT,
          variables,
          timeoutSec: LOST_SEC,
        });
      };
    const running = failure(there("slow"));
    while ((await attempt("docker", ["exec", container, "test", "-e", one])) === undefined) await setTimeout(100);
    await server.exec("sh", "-c", CUT);
    assert.match(await running, /without exit status or exit signal/);
    await stack.up({ program: there("after it") });
    assert.equal(await server.exec("cat", one), "after it");
    assert.deepEqual((await server.exec("cat", journal)).match(/^\w+/gm), ["up", "down", "up"]);
    await stack.destroy();
    await server.exec("rm", journal);
    assert.equal(await server.exec("sh", "-c", "ls /run | grep host-script || echo none"), "none");
  });

  /** A login shell of root, and the startup files that it reads for a command over SSH. */
  const SHELLS = {
    bash: ["/bin/bash", "/root/.bashrc"],
    dash: ["/bin/dash", "/root/.profile"],
    fish: ["/usr/bin/fish", "/root/.config/fish/config.fish"],
    zsh: ["/usr/bin/zsh", "/root/.zshenv"],
    csh: ["/bin/csh", "/root/.cshrc"],
  } as const;
  const login = async (name: keyof typeof SHELLS, ...lines: string[]) => {
    const [shell, file] = SHELLS[name];
    await server.exec("usermod", "--shell", shell, "root");
    const script = 'file=$1; shift; mkdir -p "$(dirname "$file")"; printf "%s\\n" "$@" >"$file"';
    await server.exec("sh", "-c", script, "sh", file, ...lines);
  };
  const access = () => {
    const { host: address, port, privateKey, hostKey } = server.connection;
    const keyFile = join(work, "key");
    writeFileSync(keyFile, privateKey, { mode: 0o600 });
    return { address, port, user: "root", keyFile, hostKey, sudo: false };
  };
  const NOISE = ["echo Welcome to the host", "printf Welcome", "sh -c 'echo to all >&2'", "umask 077", "false"];

  for (const shell of Object.keys(SHELLS) as (keyof typeof SHELLS)[]) {
    it(`output of the login shell ${shell} does not become part of a command's or script's output`, async () => {
      // The server also has a banner, and sets another language for its users.
      await login(shell, ...NOISE);
      const words = ["it's", "a\\b", "\\", "$HOME `id`", "{a,b} {{.Id}}", "*", "!x", 'quo"te', ""];
      const shown = words.map((word) => `<${word}>`).join("");
      assert.equal(await runOverSsh(access(), scriptOf(["printf", "<%s>", ...words])), shown);
      const failed = runOverSsh(access(), scriptOf(["ls", "/no such file"]));
      await assert.rejects(failed, {
        stdout: "",
        stderr: "ls: cannot access '/no such file': No such file or directory\n",
      });

      const program: PulumiFn = async () => {
        const host = { kind: "ssh", connection: server.connection } as const;
        const variables = { FILE: one, TEXT: shell, JOURNAL: journal };
        return { said: new HostScript("there", { host, script: SCRIPT, variables, expected: "written" }).stdout };
      };
      await stack.up({ program });
      assert.equal((await stack.outputs()).said?.value, "written");
      assert.equal(await server.exec("stat", "--format", "%a", one), "644");
      await stack.destroy();
    });
  }

  it("an up heals a value that an older version recorded with a greeting in it", async () => {
    const program: PulumiFn = async () => {
      const variables = { FILE: one, TEXT: "text", JOURNAL: journal };
      const host = { kind: "ssh", connection: server.connection } as const;
      return { said: new HostScript("there", { host, script: SCRIPT, variables }).stdout };
    };
    await stack.up({ program });
    const { version, deployment } = await stack.exportStack();
    for (const { type, inputs, outputs } of deployment.resources) {
      if (type !== "command:remote:Command") continue;
      for (const each of [inputs, outputs]) each.stdin = String(each.stdin).replaceAll("framed", "printed");
      outputs.stdout = "Welcome to the host\nwritten";
    }
    await stack.importStack({ version, deployment });
    await stack.preview({ program });
    await stack.up({ program });
    assert.equal((await stack.outputs()).said?.value, "written");
    await stack.destroy();
  });

  it("a login shell that exits is reported, and its script runs when it no longer does", async () => {
    const program: PulumiFn = async () => {
      const variables = { FILE: one, TEXT: "text", JOURNAL: journal };
      new HostScript("there", { host: { kind: "ssh", connection: server.connection }, script: SCRIPT, variables });
    };
    await login("bash", "echo Please log in as the user debian", "exit 3");
    // The banner is sent only on the first connection.
    await assert.rejects(
      runOverSsh(access(), "true"),
      /the login shell of root@127\.0\.0\.1 ended with exit code 3 before it ran a command; it printed "Please log in as the user debian/,
    );
    assert.match(await failure(program), /status 3: running .*:\s+Please log in as the user debian\n/);
    await login("bash", "echo Please log in as the user debian", "exit 0");
    const said = await failure(program);
    const urn =
      /there: the command on .* succeeded without .* "Please log in as the user debian"\. .* --replace '(\S+)'/.exec(
        said,
      )?.[1];
    // A shell that exits before the provider has sent the whole script makes the command fail.
    if (urn === undefined) assert.match(said, /EOF: running .*:\s+Please log in as the user debian\n/);
    await login("bash");
    await stack.up({ program, replace: urn === undefined ? [] : [urn] });
    assert.equal(await server.exec("cat", one), "text");
    await stack.destroy();
    await server.exec("rm", journal);
  });

  it("an RSA host key is refused before a connection is opened", async () => {
    const connection = { ...server.connection, hostKey: server.rsaHostKey };
    const program: PulumiFn = async () => {
      const variables = { FILE: one, TEXT: "text", JOURNAL: journal };
      new HostScript("there", { host: { kind: "ssh", connection }, script: SCRIPT, variables });
    };
    assert.match(await failure(program), /host key: expected ssh-ed25519 and the key, got "ssh-rsa/);
    assert.equal(await both("ls", journal), undefined);
  });
});
