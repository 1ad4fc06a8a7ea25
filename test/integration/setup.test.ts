import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { which } from "../../toolchain/run.ts";

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
    for (const line of lines) assert.match(line, /^set-up: [^:]+: .+, already present$/);
  });

  it("keeps the state and its passphrase from other users", () => {
    const mode = (path: string) => (statSync(join(PROJECT, ".dockernet", path)).mode & 0o777).toString(8);
    assert.deepEqual([mode("."), mode("state"), mode("passphrase")], ["700", "700", "600"]);
  });

  it("names the engine at DOCKER_HOST if it does not answer", () => {
    const { status, stderr } = execute("node", [SETUP], { DOCKER_HOST: "unix:///nowhere/docker.sock" });
    assert.equal(status, 1);
    assert.equal(
      stderr.trim(),
      "error: no Docker engine answers at unix:///nowhere/docker.sock, the address in DOCKER_HOST or the docker context",
    );
  });

  it("starts no second engine if the socket answers, whatever the docker command reports", () => {
    // An engine that requires a newer API than the docker command's, instead of this machine's.
    const engine = `require("node:http").createServer(({ url }, response) => {
      response.writeHead(url.endsWith("/_ping") ? 200 : 400, { "Api-Version": "1.99" });
      response.end(JSON.stringify({ message: "client version 1.41 is too old. Minimum supported API version is 1.99" }));
    }).listen("/run/docker.sock")`;
    const bare = `mount -t tmpfs none /run; node -e "$1" & until [ -S /run/docker.sock ]; do sleep 0.1; done
      node "$0"; code=$?; kill $!; exit $code`;
    const { status, stderr } = execute("unshare", ["--mount", "sh", "-c", bare, SETUP, engine], { DOCKER_HOST: "" });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^error: the Docker engine cannot be used: the engine refuses the docker command of this machine: client version 1\.41 is too old/,
    );
  });

  it("reports a missing docker command if an engine answers", () => {
    const bare = mkdtempSync(join(tmpdir(), "dockernet-path-"));
    try {
      for (const program of ["sh", "env", "node", "apt-get"]) symlinkSync(which(program) ?? "", join(bare, program));
      const { status, stderr } = execute(process.execPath, [SETUP], { PATH: bare, DOCKER_HOST: "" });
      assert.equal(status, 1);
      assert.match(stderr, /^error: the docker command is missing; .* unix:\/\/\/var\/run\/docker\.sock: install it/);
    } finally {
      rmSync(bare, { recursive: true });
    }
  });

  it("reports a refused DOCKER_API_VERSION", () => {
    const { status, stderr } = execute("node", [SETUP], { DOCKER_API_VERSION: "9.99" });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^error: the Docker engine cannot be used: the engine refuses DOCKER_API_VERSION=9\.99: .*; unset DOCKER_API_VERSION/,
    );
  });

  it("reports to a user without root that there is no engine and that only root can install one", () => {
    // Without the engine's socket, and in a user namespace in which the process is not root.
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

describe("lab", function () {
  this.timeout(60_000);

  it("prints its usage, and exits with 2 when it cannot do what was asked", () => {
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
    assert.match(stderr, /^error: there is no environment no-such-environment in stacks\/; there are .*\bpractice\b/m);
    assert.equal(lab("--help").status, 0);
  });
});
