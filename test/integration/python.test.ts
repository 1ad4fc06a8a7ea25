import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { hostAddress } from "../../components/lib/cidr.ts";
import { defaultPort, defaultSubnet } from "../../components/lib/identity.ts";
import { imageSource, type ServiceName } from "../../stacks/images.ts";
import { imageOrigin } from "../../toolchain/baseImage.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { installPythonSdk, pythonToolchain } from "../../toolchain/python.ts";
import { run } from "../../toolchain/run.ts";
import { installPackage } from "../package.ts";
import { type TestStack, testStack } from "../stack.ts";

const PROGRAM = fileURLToPath(new URL("python/__main__.py", import.meta.url));

describe("a Python program that uses the provider of the npm package", function () {
  this.timeout(600_000); // the toolchain for Python is built at first
  const name = `test-${randomBytes(4).toString("hex")}`;
  const identity = { project: "python", stack: name };
  const [port, subnet] = [defaultPort(identity, 0), defaultSubnet(identity, 0)];
  let scratch: string;
  let stack: TestStack;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "dockernet-python-"));
    const [folder, sdk, state] = ["program", "sdk", "state"].map((each) => join(scratch, each)) as [
      string,
      string,
      string,
    ];
    for (const each of [folder, state]) mkdirSync(each);
    const [toolchain, { unpacked }] = await Promise.all([pythonToolchain(console.log), installPackage(scratch)]);
    await installPythonSdk(toolchain, join(unpacked, "dist", "provider", "schema.json"), sdk);
    // As npm links the programs of a package.
    const bin = join(scratch, "bin");
    mkdirSync(bin);
    symlinkSync(join(unpacked, "dist", "provider", "main.js"), join(bin, "pulumi-resource-dockernet"));
    copyFileSync(PROGRAM, join(folder, "__main__.py"));
    const plugins = { providers: [{ name: "dockernet", path: bin }] };
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ name: "python", runtime: "python", plugins }));
    const origin = await imageOrigin();
    const source = (service: ServiceName) => {
      const found = imageSource(service, origin);
      return "context" in found ? { ...found, context: join(PROJECT, found.context) } : found;
    };
    const envVars = {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PATH: [toolchain.folder, process.env.PATH].join(delimiter),
      PULUMI_PYTHON_CMD: toolchain.python,
      PYTHONPATH: sdk,
      NAME: name,
      SUBNET: subnet,
      PORT: String(port),
      ADDRESSES: [11, 12].map((host) => hostAddress(subnet, host)).join(" "),
      KEY: join(scratch, "id_ed25519"),
      IMAGES: JSON.stringify({ nginx: source("nginx"), node: source("node") }),
    };
    stack = testStack(await LocalWorkspace.createStack({ stackName: name, workDir: folder }, { envVars }));
  });
  after(async () => {
    await stack?.destroy();
    const left = ["ps --all", "network ls", "volume ls"].map((list) =>
      run("docker", [...list.split(" "), "--quiet", "--filter", `name=${name}`]),
    );
    assert.deepEqual(await Promise.all(left), ["", "", ""]);
    rmSync(scratch, { recursive: true });
  });

  it("names the hosts of unfinished nodes in its first preview", async () => {
    const { stdout, changeSummary } = await stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ["create"], stdout);
    for (const node of ["node1", "node2"]) assert.match(stdout, new RegExp(`etcd-${node}@${node}`));
  });

  it("publishes nginx, starts etcd on two nodes, and a second preview shows no change", async () => {
    await stack.up();
    const page = await run("curl", ["-fsS", "--noproxy", "*", `http://127.0.0.1:${port}/`]);
    assert.match(page, /Welcome to nginx!/);
    const { clients, key } = await stack.outputs();
    const urls = Object.entries<string>(clients?.value);
    assert.deepEqual(
      urls.map(([member]) => member),
      ["node1", "node2"],
    );
    for (const [, url] of urls) {
      assert.match(await run("curl", ["-fsS", "--noproxy", "*", `${url}/health`]), /"health":\s*"true"/);
    }
    assert.match(key?.value, /^-----BEGIN OPENSSH PRIVATE KEY-----/);
    assert.equal(key?.secret, true);
    const { stdout, changeSummary } = await stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ["same"], stdout);
  });
});
