import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { accountHome } from "../../toolchain/home.ts";
import { run, stream, which } from "../../toolchain/run.ts";
import { systemProblem } from "../../toolchain/systemProblem.ts";

describe("the commands of a checkout", () => {
  let checkout: string;
  let path: string;
  beforeEach(() => {
    checkout = realpathSync(mkdtempSync(join(tmpdir(), "dockernet-checkout-")));
    path = join(checkout, "path");
    for (const folder of ["toolchain", "path", "home"]) mkdirSync(join(checkout, folder));
    cpSync(join(PROJECT, "toolchain", "commands"), join(checkout, "toolchain", "commands"), { recursive: true });
    for (const program of ["sh", "dirname", "readlink", "id", "cut", "getent", "grep", "sed", "stat", "node"]) {
      symlinkSync(which(program) ?? "", join(path, program));
    }
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  /** A fake CLI that prints its arguments. */
  const bringPulumi = (folder: string) => {
    const shown = ["PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_PARALLEL"];
    const lines = shown.map((name) => `echo "${name}=\${${name}-}"`).join("\n");
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  };
  const setUp = () => {
    const own = join(checkout, ".dockernet");
    mkdirSync(own);
    writeFileSync(join(own, "passphrase"), "secret");
    const host = { PULUMI: join(path, "pulumi"), PATH: path, ORIGIN: "debian", HOME: "" };
    const lines = Object.entries(host).map(([key, value]) => `DOCKERNET_${key}='${value}'\n`);
    writeFileSync(join(own, "machine"), lines.join(""));
    bringPulumi(path);
  };
  const execute = (command: string, env: NodeJS.ProcessEnv = {}) => {
    // A home of the Pulumi CLI without a login.
    const own = { PATH: path, HOME: "/elsewhere", PULUMI_HOME: join(checkout, "home") };
    const script = join(checkout, "toolchain", "commands", command);
    const { status, stdout, stderr } = spawnSync("sh", [script, "version"], {
      encoding: "utf8",
      env: { ...own, ...env },
    });
    return { status, stdout, stderr };
  };

  it("say what to run first if there is neither a set-up nor a pulumi", () => {
    // The project's own command of that name does not count.
    const bin = join(checkout, "node_modules", ".bin");
    mkdirSync(bin, { recursive: true });
    bringPulumi(bin);
    for (const command of ["pulumi.sh", "lab.sh"]) {
      const { status, stderr } = execute(command, { PATH: `${bin}:${path}` });
      assert.equal(status, 2);
      assert.match(stderr, /^error: this checkout is not set up .* no pulumi on PATH; run npm start/);
    }
  });

  it("need no set-up if the user has a pulumi and a backend", () => {
    bringPulumi(path);
    const { status, stdout } = execute("pulumi.sh", { PULUMI_BACKEND_URL: "s3://states" });
    assert.equal(status, 0);
    assert.match(stdout, /^PULUMI_BACKEND_URL=s3:\/\/states$/m);
    const none = execute("pulumi.sh");
    assert.equal(none.status, 2);
    assert.match(none.stderr, /^error: no Pulumi backend: log in to one/);
  });

  it("let more operations than Pulumi wait at the same time on a machine with few processors", () => {
    setUp();
    const parallel = (processors: number, env: NodeJS.ProcessEnv = {}) => {
      writeFileSync(join(path, "nproc"), `#!/bin/sh\necho ${processors}\n`, { mode: 0o755 });
      return /^PULUMI_PARALLEL=(.*)$/m.exec(execute("pulumi.sh", env).stdout)?.[1];
    };
    assert.equal(parallel(2), "32");
    assert.equal(parallel(16), "", "Pulumi's own limit, which is higher there");
    assert.equal(parallel(2, { PULUMI_PARALLEL: "4" }), "4");
  });

  it("report a set-up of another machine", () => {
    setUp();
    rmSync(join(path, "pulumi"));
    assert.match(execute("lab.sh").stderr, /^error: the Pulumi CLI of the set-up, .* is gone or of another machine/);
  });

  it("look for the user's Pulumi where the CLI does, whatever HOME is", () => {
    setUp();
    assert.match(execute("pulumi.sh").stdout, new RegExp(`^PULUMI_HOME=${join(checkout, "home")}$`, "m"));
    const { stdout } = execute("pulumi.sh", { PULUMI_HOME: "" });
    assert.match(stdout, new RegExp(`^PULUMI_HOME=${join(accountHome(), ".pulumi")}$`, "m"));
  });

  it("accept an empty passphrase, and use the checkout's if there is none", () => {
    setUp();
    const file = (env?: NodeJS.ProcessEnv) =>
      /^PULUMI_CONFIG_PASSPHRASE_FILE=(.*)$/m.exec(execute("pulumi.sh", env).stdout)?.[1];
    assert.equal(file(), join(checkout, ".dockernet", "passphrase"));
    assert.equal(file({ PULUMI_CONFIG_PASSPHRASE: "" }), "");
    assert.equal(file({ PULUMI_CONFIG_PASSPHRASE: "mine" }), "");
  });
});

describe("bootstrap.sh", () => {
  it("installs all packages whatever the user's npm settings omit, and only once", () => {
    const checkout = realpathSync(mkdtempSync(join(tmpdir(), "dockernet-bootstrap-")));
    try {
      mkdirSync(join(checkout, "toolchain"));
      for (const name of ["bootstrap.sh", "commands"]) {
        cpSync(join(PROJECT, "toolchain", name), join(checkout, "toolchain", name), { recursive: true });
      }
      for (const name of ["needed", "dev"]) {
        mkdirSync(join(checkout, name));
        const bin = { [`${name}-command`]: "run.js" };
        writeFileSync(join(checkout, name, "package.json"), JSON.stringify({ name, version: "1.0.0", bin }));
        writeFileSync(join(checkout, name, "run.js"), "");
      }
      const own = { name: "own", version: "1.0.0", dependencies: { needed: "file:needed" } };
      writeFileSync(join(checkout, "package.json"), JSON.stringify({ ...own, devDependencies: { dev: "file:dev" } }));
      writeFileSync(join(checkout, "script.js"), "console.log(42)");
      const hostile = { NODE_ENV: "production", npm_config_omit: "dev", npm_config_bin_links: "false" };
      const npm = (...args: string[]) => spawnSync("npm", args, { cwd: checkout, encoding: "utf8" });
      npm("install", "--package-lock-only", "--offline", "--no-audit");
      const start = () =>
        spawnSync("sh", [join(checkout, "toolchain", "bootstrap.sh"), "script.js"], {
          encoding: "utf8",
          env: { ...process.env, ...hostile, npm_config_offline: "true" },
        });
      const first = start();
      assert.match(first.stdout, /npm packages installed in/, first.stderr);
      assert.ok(existsSync(join(checkout, "node_modules", ".bin", "dev-command")));
      assert.equal(start().stdout, "42\n");
      // Packages that npm removes later are installed again.
      npm("prune", "--omit=dev", "--offline", "--no-audit");
      assert.match(start().stdout, /installing the npm packages/);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  }).timeout(120_000);
});

describe("a system error", () => {
  it("is described in one sentence: a missing program, a file that is not writable, a failed command", async () => {
    const said = (work: () => unknown) =>
      Promise.resolve()
        .then(work)
        .then(() => undefined, systemProblem);
    assert.equal(
      await said(() => stream("no-such-program", [])),
      "the program no-such-program is missing: install it, or run npm run setup",
    );
    assert.equal(
      await said(() => writeFileSync("/nowhere/at/all", "")),
      "cannot access /nowhere/at/all (open): it does not exist",
    );
    assert.equal(await said(() => run("sh", ["-c", "echo no >&2; exit 1"])), "sh -c echo no >&2; exit 1 failed:\nno");
    assert.equal(systemProblem(new TypeError("a defect")), undefined);
  });
});

describe("an outdated Node.js", () => {
  it("is reported by the first files that Pulumi and lab load", () => {
    // The same file, with an older version number.
    const old = 'Object.defineProperty(process.versions, "node", { value: "22.17.1" });';
    const load = (file: string) => {
      const args = ["--input-type=module", "-e", `${old} await import(${JSON.stringify(join(PROJECT, file))})`];
      return spawnSync(process.execPath, args, { encoding: "utf8" });
    };
    const lab = load("lab/main.js");
    assert.equal(lab.status, 2);
    assert.match(lab.stderr, /^error: dockernet needs Node\.js 22\.18 or newer/);
    const { main } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
    assert.match(load(main).stderr, /RunError: dockernet needs Node\.js 22\.18 or newer/);
  });
});
