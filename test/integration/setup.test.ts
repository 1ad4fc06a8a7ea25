import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";

const SETUP = join(PROJECT, "toolchain", "setup.ts");

function execute(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return { status, stdout, stderr };
}

describe("the set-up on this machine", function () {
  this.timeout(60_000);

  it("installs nothing when it is run again", () => {
    const { status, stdout } = execute("node", [SETUP]);
    assert.equal(status, 0);
    const lines = stdout.trim().split("\n");
    assert.match(lines.pop() ?? "", /^set-up: done in [\d.]+ s$/);
    assert.ok(lines.length >= 4);
    for (const line of lines) assert.match(line, /^set-up: [^:]+: .+, there already$/);
  });

  it("keeps the state and its passphrase from other users", () => {
    const mode = (path: string) => (statSync(join(PROJECT, ".dockernet", path)).mode & 0o777).toString(8);
    assert.deepEqual([mode("."), mode("state"), mode("passphrase")], ["700", "700", "600"]);
  });

  it("names the engine that does not answer where DOCKER_HOST says one is", () => {
    const { status, stderr } = execute("node", [SETUP], { DOCKER_HOST: "unix:///nowhere/docker.sock" });
    assert.equal(status, 1);
    assert.equal(
      stderr.trim(),
      "error: no Docker engine answers at unix:///nowhere/docker.sock, which DOCKER_HOST or the docker context names",
    );
  });

  it("says what is missing to somebody who has no engine and may not install one", () => {
    // Without the engine's socket, and as the user that nobody's mapping knows: root's rights end there.
    const bare = 'mount -t tmpfs none /run && exec unshare --user node "$0"';
    const args = ["--user", "--map-root-user", "--mount", "sh", "-c", bare, SETUP];
    const { status, stderr } = execute("unshare", args, { DOCKER_HOST: "" });
    assert.equal(status, 1);
    assert.equal(
      stderr.trim(),
      "error: no Docker engine answers at the default socket, and only root can install or start one; " +
        "set DOCKER_HOST to use another",
    );
  });
});

describe("the commands of a checkout that is not set up", () => {
  it("say what to run first", () => {
    const checkout = mkdtempSync(join(tmpdir(), "dockernet-checkout-"));
    try {
      mkdirSync(join(checkout, "toolchain"));
      cpSync(join(PROJECT, "toolchain", "commands"), join(checkout, "toolchain", "commands"), { recursive: true });
      for (const command of ["pulumi.sh", "lab.sh"]) {
        const { status, stderr } = execute("sh", [join(checkout, "toolchain", "commands", command), "version"]);
        assert.equal(status, 2);
        assert.match(stderr, /^error: this checkout is not set up on this machine yet; run npm start/);
      }
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});

describe("lab", function () {
  this.timeout(60_000);

  it("says how it is used, and exits with 2 when it cannot do what was asked", () => {
    const lab = (...args: string[]) => execute("node", [join(PROJECT, "lab", "lab.ts"), ...args]);
    const misused: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /^Usage: lab \[options\] \[command\]/],
      [["verify"], /^error: missing required argument 'environment'$/m],
      [["prove", "basics"], /^error: unknown command 'prove'$/m],
      [["verify", "basics", "--xml"], /^error: unknown option '--xml'$/m],
    ];
    for (const [args, said] of misused) {
      const { status, stderr } = lab(...args);
      assert.equal(status, 2, args.join(" "));
      assert.match(stderr, said);
    }
    const { status, stderr } = lab("verify", "no-such-environment");
    assert.equal(status, 2);
    assert.match(stderr, /^error: the state of environment no-such-environment could not be read:\n.*no stack named/m);
    assert.equal(lab("--help").status, 0);
  });
});
