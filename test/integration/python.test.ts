import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { hostAddress } from "../../components/lib/cidr.ts";
import { defaultPort, defaultSubnet } from "../../components/lib/identity.ts";
import { installPythonSdk, pythonToolchain } from "../../toolchain/python.ts";
import { run } from "../../toolchain/run.ts";
import { sourceHere } from "../examples.ts";
import { installPackage } from "../package.ts";
import { type TestStack, testStack } from "../stack.ts";

const PROGRAM = fileURLToPath(new URL("python/__main__.py", import.meta.url));

describe("a Python program that uses the provider of the npm package", function () {
  this.timeout(600_000); // the toolchain for Python is built at first
  const name = `test-${randomBytes(4).toString("hex")}`;
  const identity = { project: "python", stack: name };
  const [port, subnet] = [defaultPort(identity, 0), defaultSubnet(identity, 0)];
  const token = randomBytes(12).toString("hex");
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
    const envVars = {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PATH: [toolchain.folder, process.env.PATH].join(delimiter),
      PULUMI_PYTHON_CMD: toolchain.python,
      PYTHONPATH: sdk,
      NAME: name,
      SUBNET: subnet,
      TOKEN: token,
      WRONG: "no",
      PORT: String(port),
      ADDRESSES: [11, 12].map((host) => hostAddress(subnet, host)).join(" "),
      KEY: join(scratch, "id_ed25519"),
      IMAGES: JSON.stringify({ nginx: await sourceHere("nginx"), node: await sourceHere("node") }),
    };
    stack = testStack(await LocalWorkspace.createStack({ stackName: name, workDir: folder }, { envVars }));
  });
  after(async () => {
    await stack?.destroy();
    assert.deepEqual(await made(), []);
    rmSync(scratch, { recursive: true });
  });

  /** Objects of the program on the engine, and the files of its key. */
  const made = async () => {
    const lists = ["ps --all", "network ls", "volume ls"].map((list) =>
      run("docker", [...list.split(" "), "--quiet", "--filter", `name=${name}`]),
    );
    const ids = (await Promise.all(lists)).filter((list) => list !== "");
    return [...ids, ...["", ".pub"].map((end) => `${join(scratch, "id_ed25519")}${end}`).filter(existsSync)];
  };

  it("names the hosts of unfinished nodes in its first preview, which changes nothing", async () => {
    const { stdout, changeSummary } = await stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ["create"], stdout);
    for (const node of ["node1", "node2"]) assert.match(stdout, new RegExp(`etcd-${node}@${node}`));
    assert.deepEqual(await made(), []);
  });

  it("is told which argument is wrong, without the value if that is secret", async () => {
    const { workspace } = stack;
    const { envVars } = workspace;
    workspace.envVars = { ...envVars, WRONG: "yes" };
    const said = /resource 'net' has a problem: argument subnet: expected a string, got a secret/;
    await assert.rejects(stack.preview(), said).finally(() => {
      workspace.envVars = envVars;
    });
  });

  it("publishes nginx, starts etcd on two nodes, and a second preview shows no change", async () => {
    await stack.up();
    const page = await run("curl", ["-fsS", "--noproxy", "*", `http://127.0.0.1:${port}/`]);
    assert.match(page, /Welcome to nginx!/);
    const { clients, key, certkey, ...others } = await stack.outputs();
    const identity = Object.entries({ cacert: others.cacert, cert: others.cert, key: certkey }).flatMap(
      ([option, output]) => {
        const file = join(scratch, `${option}.pem`);
        writeFileSync(file, output?.value, { mode: 0o600 });
        return [`--${option}`, file];
      },
    );
    assert.equal(certkey?.secret, true);
    const urls = Object.entries<string>(clients?.value);
    assert.deepEqual(
      urls.map(([member]) => member),
      ["node1", "node2"],
    );
    for (const [, url] of urls) {
      const said = await run("curl", ["-fsS", "--noproxy", "*", ...identity, `${url}/health`]);
      assert.match(said, /"health":\s*"true"/);
    }
    assert.match(key?.value, /^-----BEGIN OPENSSH PRIVATE KEY-----/);
    assert.equal(key?.secret, true);
    const { stdout, changeSummary } = await stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ["same"], stdout);
  });

  it("passes a secret label to the engine, and its state has it only encrypted, as that of the private key", async () => {
    assert.equal(await run("docker", ["network", "inspect", "--format", "{{.Labels.token}}", name]), token);
    const state = readFileSync(join(scratch, "state", ".pulumi", "stacks", "python", `${name}.json`), "utf8");
    assert.ok(state.includes('"ciphertext"'));
    for (const secret of [token, "PRIVATE KEY"]) assert.equal(state.includes(secret), false, secret);
  });
});
