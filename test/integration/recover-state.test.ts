import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { labelled } from "../../lab/host/labels.ts";
import { orphans, processes } from "../../lab/host/processes.ts";
import { here } from "../../lab/host/sessions.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { backendFolder, locksFolder, stacksFolder } from "../../toolchain/fileBackend.ts";
import { run, which } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment } from "./environment.ts";
import { labCommand, type Outcome } from "./labCommand.ts";

const PATIENCE_MS = 60_000;
/** The project's own `pulumi` command. */
const PULUMI = join(PROJECT, "toolchain", "commands", "pulumi.sh");

describe("lab recover: a dead run, and a lost state", function () {
  this.timeout(400_000);
  let lab: Environment;
  let backend: string;
  let state: string;
  let scratch: string;
  const stand: ChildProcess[] = [];

  const recover = (...args: string[]) => labCommand(lab, "recover", ...args);
  const green = async ({ code, stdout, stderr }: Outcome) => {
    assert.match(stdout, / recovered: \d+ passed, 0 failed/, stdout + stderr);
    assert.equal(code, 0);
    assert.deepEqual(failures(await lab.verify()), []);
  };
  const ids = async () => {
    const labels = { "dockernet.project": "dockernet", "dockernet.stack": lab.name };
    return labelled(await here().containers(), labels).map(({ id }) => id);
  };
  const owner = () => ({ checkout: PROJECT, backendUrl: lab.env.PULUMI_BACKEND_URL ?? "" });
  const lock = (content: string) => {
    const folder = locksFolder(backend, lab.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "test.json"), content);
  };
  const lockOf = (pid: number, host = hostname()) =>
    lock(JSON.stringify({ pid, username: "somebody", hostname: host, timestamp: new Date() }));
  const locks = () => readdirSync(locksFolder(backend, lab.name)).filter((name) => name.endsWith(".json"));
  const until = async (what: string, met: () => boolean) => {
    for (const deadline = Date.now() + PATIENCE_MS; !met(); await setTimeout(50)) {
      assert.ok(Date.now() < deadline, `${what} within ${PATIENCE_MS} ms`);
    }
  };
  /** A program that only waits, with another program's name. */
  const waiting = (program: string) => {
    const file = join(scratch, program);
    copyFileSync("/bin/sleep", file);
    return file;
  };

  before(async () => {
    lab = await makeEnvironment({ labs: ["isolation", "ports"] });
    await lab.stack.up();
    backend = backendFolder(lab.env.PULUMI_BACKEND_URL ?? "") ?? assert.fail("no backend");
    state = join(stacksFolder(backend), `${lab.name}.json`);
    scratch = mkdtempSync(join(tmpdir(), "dockernet-recover-test-"));
  });
  after(async () => {
    for (const child of stand) child.kill("SIGKILL");
    rmSync(scratch, { recursive: true });
    await lab.remove();
  });

  it("refuses a lock of a running process, and one of another host", async () => {
    const live = spawn(waiting("pulumi"), ["600"]);
    stand.push(live);
    lockOf(live.pid ?? 0);
    const refused = await recover("--yes");
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      new RegExp(`worked on by process ${live.pid} \\(.*pulumi 600\\), which started \\d+ s ago`),
    );
    live.kill("SIGKILL");

    lockOf(4711, "elsewhere");
    const away = await recover("--yes");
    assert.equal(away.code, 2);
    assert.match(away.stderr, /was locked \d+ s ago by process 4711 of somebody on the host elsewhere; see there/);
    assert.deepEqual(locks(), ["test.json"]);
    rmSync(join(locksFolder(backend, lab.name), "test.json"));
  });

  it("SIGKILL during an up: kills only the processes that it left running, and creates no duplicates", async () => {
    const objects = await lab.objects();
    // Stand-ins: a helper of a live run, which is this test, and an orphan of another backend.
    const helper = waiting("pulumi-resource-stand");
    const env = { ...process.env, ...lab.env };
    const beside = spawn(helper, ["600"], { cwd: PROJECT, env });
    const foreign = spawn(helper, ["600"], {
      cwd: PROJECT,
      detached: true,
      env: { ...env, PULUMI_BACKEND_URL: "file:///nowhere" },
    });
    const elsewhere = spawn(helper, ["600"], { cwd: scratch, detached: true, env });
    stand.push(beside, foreign, elsewhere);

    await run("docker", ["rm", "--force", ...(await ids())]);
    const up = spawn("pulumi", ["up", "--yes", "--skip-preview", "--refresh", "--stack", lab.name], {
      cwd: PROJECT,
      env,
    });
    up.stdout.resume();
    await until("a creation is in the state", () => readFileSync(state, "utf8").includes('"type":"creating"'));
    process.kill(
      JSON.parse(readFileSync(join(locksFolder(backend, lab.name), locks()[0] ?? ""), "utf8")).pid,
      "SIGKILL",
    );
    await until("orphans are found", () => orphans(processes(), owner()).length > 0);

    const plan = await recover("--dry-run");
    assert.equal(plan.code, 1);
    assert.match(plan.stdout, /orphaned processes of an interrupted run: .*pulumi-language-nodejs/);
    assert.match(plan.stdout, /stale lock of process \d+ \(exited\)/);
    assert.match(plan.stdout, /a run was interrupted while creating/);

    await green(await recover("--yes"));
    assert.deepEqual(await lab.objects(), objects);
    assert.deepEqual(orphans(processes(), owner()), []);
    assert.deepEqual(locks(), []);
    for (const { exitCode, signalCode } of [beside, foreign, elsewhere]) {
      assert.deepEqual([exitCode, signalCode], [null, null], "another's process was ended");
    }
  });

  it("a truncated state and an empty lock: both are reported, then repaired", async () => {
    const before = await ids();
    writeFileSync(state, readFileSync(state, "utf8").slice(0, 700));
    const verified = await labCommand(lab, "verify");
    assert.equal(verified.code, 2);
    assert.match(verified.stderr, /damaged: it is truncated after 700 characters; .*npx lab recover/);
    for (const command of ["preview", "cancel"]) {
      const pulumi = run("sh", [PULUMI, command, "--stack", lab.name], { cwd: PROJECT, env: lab.env });
      await assert.rejects(pulumi, /damaged: it is truncated after 700 characters; .*npx lab recover/);
    }

    lock("");
    const plan = await recover("--dry-run");
    assert.match(plan.stdout, /unreadable lock, \d+ s old/);
    assert.match(plan.stdout, /is damaged: it is truncated.*; the newest good copy is of \S+, with \d\d resources/);

    await green(await recover("--yes"));
    assert.deepEqual(await ids(), before);
    assert.deepEqual(locks(), []);
    const kept = readdirSync(stacksFolder(backend)).filter((name) => name.startsWith(`${lab.name}.json.damaged-`));
    assert.equal(kept.length, 1);
  });

  it("a missing state: restores the copy that knows the running objects, and creates no duplicates", async () => {
    const before = await ids();
    renameSync(state, join(scratch, "state.json"));
    const { code, stderr } = await labCommand(lab, "verify");
    assert.equal(code, 2);
    assert.match(stderr, /has no state here, but \d+ containers and networks carry its labels; .*npx lab recover/);
    await green(await recover("--yes"));
    assert.deepEqual(await ids(), before);
  });

  describe("on another engine", () => {
    const refusal = /is on the Docker engine of \S+ at unix:.*, and this is the engine of \S+ at unix:/;
    const own = { PATH: process.env.PATH, DOCKER_HOST: process.env.DOCKER_HOST };
    const leave = () => Object.assign(process.env, own);
    /** Makes the engine report the data of another one. */
    const enter = () => {
      const bin = join(scratch, "bin");
      mkdirSync(bin, { recursive: true });
      const shim = join(bin, "docker");
      const other = `[ "$*" = "network inspect --format {{.Id}} none" ] && echo ${"0f".repeat(32)} && exit`;
      writeFileSync(shim, `#!/bin/sh\n${other}\nexec ${which("docker", (folder) => folder === bin)} "$@"\n`, {
        mode: 0o755,
      });
      process.env.PATH = [bin, own.PATH].join(delimiter);
    };
    afterEach(leave);

    it("the project's commands refresh, change and judge nothing", async () => {
      const before = readFileSync(state);
      enter();
      for (const args of [["up", "--refresh"], ["refresh"], ["destroy"]]) {
        await assert.rejects(run("sh", [PULUMI, ...args, "--yes", "-s", lab.name], { env: lab.env }), refusal);
      }
      for (const args of [["verify"], ["inspect"], ["recover", "--yes"]]) {
        const { code, stderr } = await labCommand(lab, args[0] ?? "", ...args.slice(1));
        assert.equal(code, 2);
        assert.match(stderr, refusal);
      }
      assert.deepEqual(readFileSync(state), before);
    });

    it("a plain up changes nothing, at another address; the same engine is accepted there", async () => {
      const before = await ids();
      process.env.DOCKER_HOST = own.DOCKER_HOST?.replace("unix:///", "unix:///./");
      enter();
      await assert.rejects(lab.stack.up(), refusal);
      process.env.PATH = own.PATH;
      await lab.stack.up();
      assert.deepEqual(await ids(), before);
    });

    it("--move takes it there, and back", async () => {
      enter();
      await green(await recover("--yes", "--move"));
      leave();
      assert.match((await labCommand(lab, "verify")).stderr, refusal);
      await green(await recover("--yes", "--move"));
    });
  });

  it("an empty state without any copy is refused, with instructions", async () => {
    const good = readFileSync(state);
    const [copies, pulumi] = [join(backend, "..", "copies"), join(backend, ".pulumi")];
    const hidden = [copies, join(pulumi, "history"), join(pulumi, "backups"), `${state}.bak`];
    hidden.forEach((path, index) => {
      renameSync(path, join(scratch, String(index)));
    });
    try {
      writeFileSync(state, "");
      const { code, stderr } = await recover("--yes");
      assert.equal(code, 2);
      assert.match(stderr, /is damaged: it is empty, and there is no good copy of it: .*npx lab sweep \S+ --yes/);
    } finally {
      hidden.forEach((path, index) => {
        renameSync(join(scratch, String(index)), path);
      });
      writeFileSync(state, good);
    }
  });
});
