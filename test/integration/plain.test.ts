import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { presentCli } from "../../toolchain/cli.ts";
import { run } from "../../toolchain/run.ts";
import { makeClone } from "../clone.ts";

const STACK = "plain";
const SETTINGS = { config: { "dockernet:labs": ["bridge", "counter"] } };
const SYSTEM = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

describe("a clean checkout with the user's own CLI, plugins, backend and engine, and without a set-up", function () {
  this.timeout(180_000);
  let folder: string;
  let removeClone: () => void;
  let state: string;
  let environment: string[];

  /** Runs a command with only the environment of a user's shell. */
  const command = (...words: string[]) =>
    run("env", ["--ignore-environment", ...environment, ...words], { cwd: folder });
  const pulumi = (...words: string[]) => command("pulumi", ...words, "--stack", STACK, "--non-interactive");
  const lab = (...words: string[]) => command("sh", join("toolchain", "commands", "lab.sh"), ...words);

  before(async () => {
    ({ folder, remove: removeClone } = await makeClone());
    state = mkdtempSync(join(tmpdir(), "dockernet-state-"));
    writeFileSync(join(folder, "stacks", `Pulumi.${STACK}.yaml`), JSON.stringify(SETTINGS));
    const cli = (await presentCli())?.pulumi ?? assert.fail("there is no CLI");
    const { DOCKER_HOST = "", DOCKERNET_IMAGES = "", PULUMI_HOME = "" } = process.env;
    environment = Object.entries({
      HOME: homedir(),
      PATH: [dirname(cli), dirname(process.execPath), ...SYSTEM].join(delimiter),
      PULUMI_HOME,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      DOCKER_HOST,
      DOCKERNET_IMAGES,
    }).map(([key, value]) => `${key}=${value}`);
    await command("pulumi", "stack", "init", STACK);
  });
  after(async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    const left = await run("docker", ["ps", "--all", "--quiet", "--filter", `label=dockernet.stack=${STACK}`]);
    removeClone();
    rmSync(state, { recursive: true });
    assert.equal(left, "");
  });

  it("comes up with pulumi up, passes its checks with lab verify, and a second preview shows no change", async () => {
    await pulumi("up", "--yes", "--skip-preview");
    assert.match(await lab("verify", STACK), /^\d+ passed, 0 failed$/m);
    await pulumi("preview", "--expect-no-changes");
  });

  it("works with the other lab commands, and no set-up ran", async () => {
    assert.match(await lab("doctor", STACK), /^0 problems, /m);
    assert.match(await lab("explain", STACK, "flask-redis"), /^Fault: +none found$/m);
    assert.equal(existsSync(join(folder, ".dockernet", "machine")), false);
  });
});
