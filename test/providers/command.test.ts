import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local, remote, types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { attempt, run } from "../../toolchain/run.ts";
import { VERSIONS } from "../../toolchain/versions.ts";
import { type SshServer, startSshServer } from "../sshServer.ts";
import { declared, type Schema, specified } from "./commandShape.ts";
import { type BuiltProvider, bringProvider } from "./harness.ts";

/** An address that no host has (RFC 5737). */
const SILENT = "192.0.2.1";

describe("the source-built command provider", function () {
  this.timeout(60_000);

  const container = `dockernet-command-${randomBytes(6).toString("hex")}`;
  const work = join(tmpdir(), container);
  const password = randomBytes(12).toString("hex");
  let provider: BuiltProvider;
  let server: SshServer;

  before(async function () {
    this.timeout(600_000);
    provider = await bringProvider("command", `v${VERSIONS.command}`, container);
    server = await startSshServer(container, work, password);
  });

  after(async () => {
    await attempt("docker", ["rm", "--force", container]);
    provider.close();
  });

  const makeStack = (name: string): Promise<Stack> => provider.makeStack(name);

  /** The stored state, in which secrets are not readable. */
  const stored = (stack: Stack) => {
    const text = readFileSync(join(work, ".pulumi", "stacks", "command-provider", `${stack.name}.json`), "utf8");
    const resources: StoredResource[] = JSON.parse(text).checkpoint.latest.resources ?? [];
    return {
      text,
      commands: resources.filter(({ type }) => type.startsWith("command:")),
      outputs: (name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs ?? {},
    };
  };

  describe("has the interface of the SDK", () => {
    let schema: Schema;

    before(async () => {
      schema = JSON.parse(await provider.schema());
    });

    it("reports the version of the npm package", () => {
      assert.deepEqual([schema.name, schema.version], ["command", VERSIONS.command]);
    });

    const resources = [
      { token: "command:local:Command", file: "local/command.d.ts", name: "Command" },
      { token: "command:remote:Command", file: "remote/command.d.ts", name: "Command" },
      { token: "command:remote:CopyToRemote", file: "remote/copyToRemote.d.ts", name: "CopyToRemote" },
    ];
    for (const { token, file, name } of resources) {
      it(`${token}: names, types and optionality of inputs and outputs`, () => {
        const spec = schema.resources[token];
        assert.deepEqual(specified(spec?.inputProperties, spec?.requiredInputs), declared(file, `${name}Args`));
        assert.deepEqual(specified(spec?.properties, spec?.required), declared(file, name));
      });
    }

    for (const name of ["Connection", "ProxyConnection"] as const) {
      it(`command:remote:${name}: names, types, optionality and defaults`, () => {
        const spec = schema.types[`command:remote:${name}`];
        const shape = specified(spec?.properties, spec?.required);
        assert.deepEqual(shape, declared("types/input.d.ts", `${name}Args`));
        assert.deepEqual(shape, declared("types/output.d.ts", name));

        const { connectionArgsProvideDefaults, proxyConnectionArgsProvideDefaults } = types.input.remote;
        const given = {
          Connection: connectionArgsProvideDefaults,
          ProxyConnection: proxyConnectionArgsProvideDefaults,
        };
        const { host: _, proxy: __, ...defaults } = { proxy: undefined, ...given[name]({ host: "h" }) };
        const ours = Object.entries(spec?.properties ?? {}).filter(([, property]) => "default" in property);
        assert.deepEqual(Object.fromEntries(ours.map(([key, property]) => [key, property.default])), defaults);
      });
    }

    it("command:local:run: names, types and optionality", () => {
      const spec = schema.functions["command:local:run"];
      const { inputs, outputs } = spec ?? {};
      assert.deepEqual(specified(inputs?.properties, inputs?.required), declared("local/run.d.ts", "RunArgs"));
      assert.deepEqual(specified(inputs?.properties, inputs?.required), declared("local/run.d.ts", "RunOutputArgs"));
      assert.deepEqual(specified(outputs?.properties, outputs?.required), declared("local/run.d.ts", "RunResult"));
    });

    it("values of logging", () => {
      for (const module of ["local", "remote"] as const) {
        const values = schema.types[`command:${module}:Logging`]?.enum?.map(({ value }) => value);
        assert.deepEqual(values?.sort(), Object.values(types.enums[module].Logging).sort());
      }
    });

    it("connections are secret, and triggers replace", () => {
      for (const spec of Object.values(schema.resources)) {
        assert.equal(spec.inputProperties.triggers?.replaceOnChanges, true);
        if (spec.inputProperties.connection) assert.equal(spec.inputProperties.connection.secret, true);
      }
    });
  });

  describe("runs commands at the right time, here and over SSH", () => {
    const names = ["with-update", "without-update", "delete-first"] as const;
    const journal = (name: string) => join(work, `${name}.journal`);
    let stack: Stack;

    const commands =
      (version: number, trigger: string, dialErrorLimit?: number): PulumiFn =>
      async () => {
        for (const name of names) {
          for (const where of ["local", "remote"] as const) {
            // The same path on both sides; the server is a container, so they do not collide.
            const file = journal(name);
            const args = {
              create: `echo create ${version} >> ${file}; echo made ${version}`,
              update:
                name === "with-update"
                  ? `echo "update ${version} after $PULUMI_COMMAND_STDOUT" >> ${file}; echo made ${version}`
                  : undefined,
              delete: `echo delete ${version} >> ${file}`,
              triggers: [trigger],
            };
            const opts = { deleteBeforeReplace: name === "delete-first" };
            if (where === "local") new local.Command(`local-${name}`, args, opts);
            else {
              const connection = { ...server.connection, dialErrorLimit };
              new remote.Command(`remote-${name}`, { ...args, connection }, opts);
            }
          }
        }
      };

    const here = () => names.map((name) => readFileSync(journal(name), "utf8").trim().split("\n"));
    const there = async () => {
      const files = await Promise.all(names.map((name) => server.exec("cat", journal(name))));
      return files.map((text) => text.split("\n"));
    };
    const expected: [string[], string[], string[]] = [[], [], []];
    const expectJournals = async (...added: [string[], string[], string[]]) => {
      added.forEach((lines, i) => {
        expected[i]?.push(...lines);
      });
      assert.deepEqual(here(), expected);
      assert.deepEqual(await there(), expected);
    };

    before(async () => {
      await server.exec("mkdir", "-p", work);
      stack = await makeStack("life");
    });

    it("create", async () => {
      await stack.up({ program: commands(1, "a") });
      await expectJournals(["create 1"], ["create 1"], ["create 1"]);
      const { outputs } = stored(stack);
      assert.deepEqual(
        [outputs("local-with-update").stdout, outputs("remote-with-update").stdout],
        ["made 1", "made 1"],
      );
    });

    it("nothing for a refresh, which finds no drift, and a preview after it", async () => {
      const before = stored(stack).commands.map(readable);
      await stack.refresh({ expectNoChanges: true });
      assert.deepEqual(stored(stack).commands.map(readable), before);
      await stack.preview({ program: commands(1, "a"), expectNoChanges: true });
      await expectJournals([], [], []);
    });

    it("update for any changed input, or create if there is no update", async () => {
      const { summary } = await stack.up({ program: commands(2, "a") });
      assert.equal(summary.resourceChanges?.update, 6);
      await expectJournals(["update 2 after made 1"], ["create 2"], ["create 2"]);
    });

    it("create, then the old delete, for triggers; in reverse with deleteBeforeReplace", async () => {
      const { summary } = await stack.up({ program: commands(3, "b") });
      assert.equal(summary.resourceChanges?.replace, 6);
      await expectJournals(["create 3", "delete 2"], ["create 3", "delete 2"], ["delete 2", "create 3"]);
    });

    it("update or create for a changed connection", async () => {
      const { summary } = await stack.up({ program: commands(3, "b", 9) });
      assert.equal(summary.resourceChanges?.update, 3);
      const [update, create, deleteFirst] = await there();
      assert.equal(update?.at(-1), "update 3 after made 3");
      assert.deepEqual([create?.at(-1), deleteFirst?.at(-1)], ["create 3", "create 3"]);
    });

    it("delete at the end", async () => {
      await stack.destroy();
      assert.deepEqual(stored(stack).commands, []);
      for (const lines of [...here(), ...(await there())]) assert.equal(lines.at(-1), "delete 3");
    });
  });

  describe("passes options to a command, and stores its results", () => {
    let stack: Stack;
    let results: pulumi.automation.OutputMap;
    let state: ReturnType<typeof stored>;
    const said: string[] = [];
    const dir = join(work, "dir");

    before(async () => {
      mkdirSync(join(dir, "sub"), { recursive: true });
      writeFileSync(join(dir, "sub", "a.txt"), "asset");
      stack = await makeStack("outputs");
      const connection = server.connection;
      const { privateKey: _, ...keyless } = connection;
      const program: PulumiFn = async () => {
        const both = new local.Command("local-all", {
          create: "console.log(process.env.GREETING, process.cwd()); console.error('problem')",
          interpreter: [process.execPath, "-e"],
          environment: { GREETING: "hello" },
          dir,
          assetPaths: ["**.txt"],
          archivePaths: ["sub/**"],
        });
        new local.Command("quiet", { create: "echo local-quiet-out; echo local-quiet-err >&2", logging: "none" });
        new local.Command("errors", { create: "echo local-errors-out; echo local-errors-err >&2", logging: "stderr" });
        new remote.Command("quiet-there", { connection, create: "echo remote-quiet-out", logging: "none" });
        const big = new remote.Command("big", { connection, create: "head -c 1000000 /dev/zero | tr '\\0' x" });
        const stdin = pulumi.secret("stdin-that-is-secret");
        const secretive = new remote.Command(
          "secretive",
          { connection, create: "tr a-z A-Z", stdin, logging: "none" },
          { additionalSecretOutputs: ["stdout"] },
        );
        const LAB_COLOUR = "blue";
        const greeted = new remote.Command("environment", {
          connection,
          create: "echo $LAB_COLOUR",
          environment: { LAB_COLOUR },
        });
        const byPassword = new remote.Command("password", { connection: { ...keyless, password }, create: "whoami" });
        const byAgent = new remote.Command("agent", {
          connection: { ...keyless, agentSocketPath: server.agentSocket },
          create: "whoami",
        });
        const locked = new remote.Command("locked-key", {
          connection: { ...connection, privateKey: server.lockedKey, privateKeyPassword: password },
          create: "whoami",
        });
        const jumped = new remote.Command("jump", {
          connection: { ...connection, host: "127.0.0.1", port: 22, proxy: connection },
          create: "echo $SSH_CONNECTION | cut -d' ' -f1",
        });
        new remote.Command("delete-only", { connection, delete: `touch ${join(work, "deleted")}` });
        const ran = local.runOutput({ command: "cat; pwd", stdin: "in ", dir });
        return {
          stdout: both.stdout,
          stderr: both.stderr,
          assets: both.assets.apply((assets) => Object.keys(assets ?? {})),
          archive: both.archive.apply((archive) => archive !== undefined),
          big: big.stdout.apply((text) => text.length),
          secretive: secretive.stdout,
          greeted: greeted.stdout,
          whoami: [byPassword.stdout, byAgent.stdout, locked.stdout],
          jumped: jumped.stdout,
          ran: ran.stdout,
        };
      };
      const onEvent = ({ diagnosticEvent }: EngineEvent) => {
        const { severity, message }: { severity?: string; message?: string } = diagnosticEvent ?? {};
        if (message && severity !== "debug") said.push(message); // debug messages are included, and have no type
      };
      results = (await stack.up({ program, onEvent })).outputs;
      state = stored(stack);
      await stack.preview({ program, expectNoChanges: true });
    });

    const value = (name: string) => results[name]?.value;

    it("interpreter, environment, folder, and both streams", () => {
      assert.deepEqual([value("stdout"), value("stderr")], [`hello ${dir}`, "problem"]);
    });

    it("files that it left, as assets and as an archive", () => {
      assert.deepEqual([value("assets"), value("archive")], [["sub/a.txt"], true]);
    });

    it("a variable that the server accepts", () => assert.equal(value("greeted"), "blue"));

    it("a megabyte of output on one line", () => assert.equal(value("big"), 1_000_000));

    it("logs according to logging", () => {
      const log = said.join("\n");
      assert.match(log, /local-errors-err/);
      assert.doesNotMatch(log, /local-errors-out|quiet-out|quiet-err/);
      assert.equal(state.outputs("quiet").stdout, "local-quiet-out");
    });

    it("keeps connection, stdin and additionalSecretOutputs secret, in the state and in the log", () => {
      assert.deepEqual(results.secretive, { value: "STDIN-THAT-IS-SECRET", secret: true });
      for (const text of [state.text, said.join("\n")]) {
        for (const secret of [/stdin-that-is-secret/i, /PRIVATE KEY/, /ssh-ed25519/, RegExp(password)]) {
          assert.ok(!secret.test(text), secret.source); // not assert.doesNotMatch, which would print a megabyte
        }
      }
      assert.match(JSON.stringify(state.outputs("secretive").connection), /ciphertext/);
    });

    it("logs in with a password, with an agent, and with an encrypted key", () => {
      assert.deepEqual(value("whoami"), ["root", "root", "root"]);
    });

    it("connects through a bastion host", () => assert.equal(value("jumped"), "127.0.0.1"));

    it("runs the command of a function", () => assert.equal(value("ran"), `in ${dir}`));

    it("runs the delete of a command without a create", async () => {
      await stack.destroy();
      await server.exec("test", "-e", join(work, "deleted"));
    });
  });

  describe("fails correctly", () => {
    const messages = new Map<string, string>();
    let stack: Stack;
    let state: ReturnType<typeof stored>;
    let seconds: number;
    let serverLog: string;

    before(async () => {
      stack = await makeStack("failures");
      const before = await server.log();
      const tool = [
        "run",
        "--rm",
        "--network",
        `container:${container}`,
        "--cap-add",
        "NET_ADMIN",
        "dockernet-test/sshd",
      ];
      await run("docker", [...tool, "iptables", "-I", "OUTPUT", "-d", SILENT, "-j", "DROP"]);
      const connection = { ...server.connection, dialErrorLimit: 1 };
      const program: PulumiFn = async () => {
        // The program ends at the first failure. All commands wait for this one, so that all have started by then.
        const opts = { dependsOn: new local.Command("gate", { create: "sleep 0.5" }) };
        const create = "touch /wrong";
        const bad = (name: string, args: Partial<types.input.remote.ConnectionArgs>) =>
          new remote.Command(name, { create, connection: { ...connection, ...args } }, opts);
        bad("other-host-key", { hostKey: server.otherKey });
        bad("rsa-host-key", { hostKey: server.rsaHostKey });
        bad("no-host-key", { hostKey: "none" });
        bad("other-user-key", { privateKey: server.strangerKey });
        bad("nobody-there", { port: 1, dialErrorLimit: 3 });
        bad("bastion-with-other-key", { proxy: { ...connection, hostKey: server.otherKey } });
        bad("silent-behind-bastion", { host: SILENT, port: 22, perDialTimeout: 1, proxy: connection });
        new remote.Command("variable", { connection, create, environment: { HOME_COLOUR: "blue" } }, opts);
        new remote.Command("exit-code", { connection, create: "echo half; echo done >&2; exit 3" }, opts);
        new local.Command("exit-code-here", { create: "echo half; echo done >&2; exit 3" }, opts);
        new local.Command("no-folder", { create: "true", dir: join(work, "no-such-folder") }, opts);
      };
      const began = performance.now();
      const failure: Error = await stack.up({ program, continueOnError: true, parallel: 16 }).then(
        () => assert.fail("no error"),
        (error) => error,
      );
      seconds = (performance.now() - began) / 1000;
      // The messages of a resource are indented below its name.
      const parts = failure.message.split(/^ {2}command:\w+:\w+ \((.+)\):$/m);
      for (const [i, part] of parts.entries()) if (i % 2 === 1) messages.set(part, parts[i + 1] ?? "");
      state = stored(stack);
      serverLog = (await server.log()).slice(before.length);
    });

    const expected: Record<string, RegExp> = {
      "other-host-key": /after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch/,
      "rsa-host-key": /no common algorithm for host key; we offered: \["ssh-rsa"\], peer offered: \["rsa-sha2-512"/,
      "no-host-key": /failed to parse host key: ssh: no key found/,
      "other-user-key": /unable to authenticate, attempted methods \[none publickey\]/,
      "nobody-there": /after 3 failed attempts: dial tcp .*connection refused/,
      "bastion-with-other-key": /proxy: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch/,
      "silent-behind-bastion": /proxy: after 1 failed attempts: context deadline exceeded/,
      variable: /Unable to set 'HOME_COLOUR'.*AcceptEnv.*could not set environment variable "HOME_COLOUR"/s,
      "exit-code": /Process exited with status 3: running "echo half; echo done >&2; exit 3":(?=.*half)(?=.*done)/s,
      "exit-code-here": /exit status 3: running "echo half; echo done >&2; exit 3":(?=.*half)(?=.*done)/s,
      "no-folder": /no-such-folder: no such file or directory: running "true"/,
    };
    for (const [name, message] of Object.entries(expected)) {
      it(`${name}: ${message.source}`, () => assert.match(messages.get(name) ?? "", message));
    }

    it("a failed create leaves nothing in the state", () => {
      assert.deepEqual(
        state.commands.map(({ urn }) => urn.split("::").at(-1)),
        ["gate"],
      );
    });

    it("import fails: there is nothing to read, and the result would be unusable", async () => {
      const program: PulumiFn = async () => {
        new local.Command("imported", { create: "true" }, { import: "some-id" });
      };
      await assert.rejects(stack.up({ program }), /Missing required field 'stdout' on 'local.CommandOutputs'/);
    });

    it("stops retrying early", () => assert.ok(seconds < 15, `it took ${seconds} s`));

    it("sends nothing to a host with another key, not even the user's name", async () => {
      // Cases that get past the key exchange: exit-code runs; variable ends before its command; silent-behind-bastion
      // runs nothing on the bastion.
      assert.equal(serverLog.match(/Accepted publickey for root/g)?.length, 3);
      assert.equal(serverLog.match(/Starting session: command for root/g)?.length, 1);
      await assert.rejects(server.exec("test", "-e", "/wrong"));
    });
  });

  describe("copies files to a host", () => {
    let stack: Stack;
    const file = join(work, "file");
    const folder = join(work, "folder");
    const remoteFiles = async () => {
      const list = await server.exec(
        "sh",
        "-c",
        "cd /copied && for f in $(find . -type f | sort); do echo $f $(cat $f); done",
      );
      return list.split("\n");
    };
    const program =
      (text: string): PulumiFn =>
      async () => {
        const { connection } = server;
        const copy = (name: string, source: pulumi.asset.Asset | pulumi.asset.Archive) =>
          new remote.CopyToRemote(name, { connection, source, remotePath: `/copied/${name}/not/yet` });
        copy("file", new pulumi.asset.FileAsset(file));
        copy("text", new pulumi.asset.StringAsset(text));
        copy("folder", new pulumi.asset.FileArchive(folder));
      };

    before(async () => {
      mkdirSync(join(folder, "sub"), { recursive: true });
      writeFileSync(join(folder, "sub", "f"), "one");
      writeFileSync(file, "one");
      stack = await makeStack("copy");
    });

    it("a file, a text and a folder, creating parent folders", async () => {
      await stack.up({ program: program("one") });
      assert.deepEqual(await remoteFiles(), [
        "./file/not/yet one",
        "./folder/not/yet/folder/sub/f one",
        "./text/not/yet one",
      ]);
    });

    it("again when the content changed", async () => {
      await stack.preview({ program: program("one"), expectNoChanges: true });
      for (const changed of [file, join(folder, "sub", "f")]) writeFileSync(changed, "two");
      const { summary } = await stack.up({ program: program("two") });
      assert.equal(summary.resourceChanges?.update, 3);
      assert.deepEqual(await remoteFiles(), [
        "./file/not/yet two",
        "./folder/not/yet/folder/sub/f two",
        "./text/not/yet two",
      ]);
    });

    it("and leaves them there at the end", async () => {
      await stack.destroy();
      assert.equal((await remoteFiles()).length, 3);
    });
  });

  describe("ends cleanly", () => {
    it("a cancelled update ends a local command, and waits for a remote one", async () => {
      const stack = await makeStack("cancelled");
      const cancel = new AbortController();
      const started = new Set<string>();
      const program: PulumiFn = async () => {
        new local.Command("here", { create: "echo started; exec sleep 30" });
        new remote.Command("there", { connection: server.connection, create: "echo started; sleep 2; echo finished" });
      };
      const onEvent = ({ diagnosticEvent }: EngineEvent) => {
        if (diagnosticEvent?.message.includes("started")) started.add(diagnosticEvent.urn ?? "");
        if (started.size === 2) cancel.abort();
      };
      const began = performance.now();
      await assert.rejects(stack.up({ program, onEvent, signal: cancel.signal }), /signal: killed/);
      assert.ok(performance.now() - began < 20_000);
      const { outputs } = stored(stack);
      assert.deepEqual([outputs("here").stdout, outputs("there").stdout], [undefined, "started\nfinished"]);
      await stack.destroy();
    });

    it("leaves no process behind", () => {
      const programs = readdirSync("/proc").flatMap((pid) => {
        try {
          return [readlinkSync(`/proc/${pid}/exe`)];
        } catch {
          return []; // not a process, or one that has just exited
        }
      });
      assert.deepEqual(
        programs.filter((program) => program.startsWith(work)),
        [],
      );
    });
  });
});

interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The part of a stored resource that is always the same: secrets are encrypted differently each time. */
const readable = ({ urn, outputs }: StoredResource) => ({ urn, ...outputs, connection: "secret" });
