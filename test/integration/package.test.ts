import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { defaultPort, defaultSubnet } from "../../components/lib/identity.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { type ExampleProgram, sourceHere, writeExamples } from "../examples.ts";
import { installPackage } from "../package.ts";
import { type TestStack, testStack } from "../stack.ts";

/** A program with a published nginx; what differs between machines is in its environment. */
const BODY = `
const { NAME, SUBNET, PORT, SOURCE } = process.env;
const network = new BridgeNetwork("net", { networkName: NAME, subnet: SUBNET });
const { imageId } = new ServiceImage("nginx", { source: JSON.parse(SOURCE) });
new Container("web", {
  containerName: NAME,
  image: imageId,
  network: network.networkName,
  publish: { port: Number(PORT), containerPort: 80 },
  healthcheck: "wget -q -O /dev/null http://127.0.0.1:80/ || curl -fsS -o /dev/null http://127.0.0.1:80/",
  capabilities: ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"],
});
`;
const IMPORT = 'import { BridgeNetwork, Container, ServiceImage } from "dockernet";';

/** Programs by their language: file, text, and what package.json says about modules. */
const PROGRAMS = {
  "ES modules": ["index.js", IMPORT + BODY, { type: "module" }],
  CommonJS: ["index.js", `const { BridgeNetwork, Container, ServiceImage } = require("dockernet");${BODY}`, {}],
} as const;

describe("a program of one's own that uses the npm package", function () {
  this.timeout(180_000);
  const name = `test-${randomBytes(4).toString("hex")}`;
  const identity = { project: "package", stack: name };
  const port = defaultPort(identity, 0);
  let scratch: string;
  let folder: string;
  let unpacked: string;
  let env: Record<string, string>;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "dockernet-package-"));
    ({ program: folder, unpacked } = await installPackage(scratch));
    const state = join(scratch, "state");
    mkdirSync(state);
    env = {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      NAME: name,
      SUBNET: defaultSubnet(identity, 0),
      PORT: String(port),
      SOURCE: JSON.stringify(await sourceHere("nginx")),
    };
  });
  after(() => rmSync(scratch, { recursive: true }));

  /** What is left on the engine, and of namespaces. */
  const left = async () => {
    const lists = ["ps --all", "network ls", "volume ls"].map((list) =>
      run("docker", [...list.split(" "), "--quiet", "--filter", `name=${name}`]),
    );
    const namespaces = (await run("ip", ["netns", "list"])).split("\n").filter((each) => each.includes(name));
    return [...(await Promise.all(lists)).filter((ids) => ids !== ""), ...namespaces];
  };
  const stackIn = async (workDir: string, file: string, manifest: object): Promise<TestStack> => {
    writeFileSync(join(workDir, "package.json"), JSON.stringify({ name: "program", ...manifest }));
    const runtime = { name: "nodejs", options: { typescript: false } };
    writeFileSync(join(workDir, "Pulumi.yaml"), JSON.stringify({ name: "package", main: file, runtime }));
    const stackName = `${name}-${workDir.split("/").at(-1)}`;
    return testStack(await LocalWorkspace.createStack({ stackName, workDir }, { envVars: env }));
  };
  const fetched = (at: number) => run("curl", ["-fsS", "--noproxy", "*", `http://127.0.0.1:${at}/`]);
  const unchanged = async (stack: TestStack) => {
    const { changeSummary } = await stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ["same"], JSON.stringify(changeSummary));
  };

  for (const [language, [file, text, manifest]] of Object.entries(PROGRAMS)) {
    describe(`in ${language}`, () => {
      let stack: TestStack;

      before(async () => {
        const workDir = join(folder, language.replace(/\W/g, "").toLowerCase());
        mkdirSync(workDir);
        writeFileSync(join(workDir, file), text);
        stack = await stackIn(workDir, file, manifest);
      });
      after(async () => {
        await stack.destroy();
        assert.deepEqual(await left(), []);
      });

      it("publishes nginx, and a second preview shows no change", async () => {
        await stack.up();
        assert.match(await fetched(port), /Welcome to nginx!/);
        await unchanged(stack);
      });
    });
  }

  describe("in TypeScript, made of the examples of the reference", () => {
    let stack: TestStack;
    let examples: ExampleProgram;
    const links = async () => {
      const all: { ifname: string }[] = JSON.parse(await run("ip", ["-j", "link", "show"]));
      return all.map(({ ifname }) => ifname).filter((each) => each === examples.made);
    };

    before(async () => {
      const workDir = join(folder, "examples");
      examples = await writeExamples(workDir, unpacked, identity);
      const peer = `${examples.parent.slice(0, 14)}p`;
      await run("ip", ["link", "add", examples.parent, "type", "veth", "peer", "name", peer]);
      stack = await stackIn(workDir, "index.ts", { type: "module" });
    });
    after(async () => {
      await stack.destroy();
      await attempt("ip", ["link", "delete", examples.parent]);
      assert.deepEqual([await left(), await links()], [[], []]);
    });

    it("creates each component, and a second preview shows no change", async () => {
      await stack.up();
      const { resources } = (await stack.exportStack()).deployment as {
        readonly resources: { readonly type: string }[];
      };
      const types = new Set(resources.map(({ type }) => type));
      const classes = examples.components.filter((component) => component !== "HostScript"); // no component resource
      assert.deepEqual(
        classes.filter((component) => !types.has(`dockernet:index:${component}`)),
        [],
      );
      assert.match(await fetched(examples.web), /Welcome to nginx!/);
      assert.match(await fetched(examples.hits), /I have been seen 1 times/);
      assert.deepEqual(await links(), [examples.made]);
      await unchanged(stack);
    });
  });
});
