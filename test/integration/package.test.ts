import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { defaultPort, defaultSubnet } from "../../components/lib/identity.ts";
import { imageSource } from "../../stacks/images.ts";
import { imageOrigin } from "../../toolchain/baseImage.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/run.ts";
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
const TYPES =
  'const { NAME, SUBNET, PORT, SOURCE } = process.env as Record<"NAME" | "SUBNET" | "PORT" | "SOURCE", string>;';

/** Programs by their language: file, text, and what package.json says about modules. */
const PROGRAMS = {
  TypeScript: ["index.ts", IMPORT + BODY.replace(/^const \{ NAME.*$/m, TYPES), { type: "module" }],
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
  let env: Record<string, string>;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "dockernet-package-"));
    ({ program: folder } = await installPackage(scratch));
    const state = join(scratch, "state");
    mkdirSync(state);
    const source = imageSource("nginx", await imageOrigin());
    env = {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      NAME: name,
      SUBNET: defaultSubnet(identity, 0),
      PORT: String(port),
      SOURCE: JSON.stringify("context" in source ? { ...source, context: join(PROJECT, source.context) } : source),
    };
  });
  after(() => rmSync(scratch, { recursive: true }));

  const left = async () =>
    Promise.all([
      run("docker", ["ps", "--all", "--quiet", "--filter", `name=${name}`]),
      run("docker", ["network", "ls", "--quiet", "--filter", `name=${name}`]),
    ]);

  for (const [language, [file, text, manifest]] of Object.entries(PROGRAMS)) {
    describe(`in ${language}`, () => {
      let stack: TestStack;

      before(async () => {
        const workDir = join(folder, language.replace(/\W/g, "").toLowerCase());
        mkdirSync(workDir);
        writeFileSync(join(workDir, file), text);
        writeFileSync(join(workDir, "package.json"), JSON.stringify({ name: "program", ...manifest }));
        const runtime = { name: "nodejs", options: { typescript: false } };
        writeFileSync(join(workDir, "Pulumi.yaml"), JSON.stringify({ name: "package", main: file, runtime }));
        stack = testStack(
          await LocalWorkspace.createStack(
            { stackName: `${name}-${workDir.split("/").at(-1)}`, workDir },
            { envVars: env },
          ),
        );
      });
      after(async () => {
        await stack.destroy();
        assert.deepEqual(await left(), ["", ""]);
      });

      it("publishes nginx, and a second preview shows no change", async () => {
        await stack.up();
        const page = await run("curl", ["-fsS", "--noproxy", "*", `http://127.0.0.1:${port}/`]);
        assert.match(page, /Welcome to nginx!/);
        const { changeSummary } = await stack.preview();
        assert.deepEqual(Object.keys(changeSummary), ["same"], JSON.stringify(changeSummary));
      });
    });
  }
});
