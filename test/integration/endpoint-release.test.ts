import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { EndpointRelease } from "../../components/endpoint-release/EndpointRelease.ts";
import { defaultSubnet } from "../../components/lib/identity.ts";
import { labelList } from "../../components/lib/labels.ts";
import { debianImage } from "../../stacks/images.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { imagesFrom } from "../imageOrigin.ts";
import { type TestStack, testStack } from "../stack.ts";

const SIZE = 5;

interface Event {
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: { readonly container?: string } };
}

describe("EndpointRelease", function () {
  this.timeout(120_000);
  const name = `test-${randomBytes(4).toString("hex")}`;
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-release-"));
  const labels = { "dockernet.test": name };
  const label = `dockernet.test=${name}`;
  let stack: TestStack;

  const program = async () => {
    const subnet = defaultSubnet({ project: "release", stack: name }, 0);
    const network = new BridgeNetwork("net", { networkName: name, subnet, labels });
    const image = debianImage(imagesFrom());
    const { imageId } = new docker.RemoteImage("image", { name: image, keepLocally: true });
    const containers = Array.from(
      { length: SIZE },
      (_, i) =>
        new docker.Container(`c${i}`, {
          name: `${name}-${i}`,
          image: imageId,
          command: ["sleep", "86400"],
          networkMode: "bridge",
          networksAdvanced: [{ name: network.networkName }],
          labels: labelList(labels),
        }),
    );
    new EndpointRelease("release", { host: { kind: "local" }, network: network.networkName, label, containers });
  };

  before(async () => {
    const envVars = { PULUMI_BACKEND_URL: `file://${scratch}`, PULUMI_CONFIG_PASSPHRASE: "test" };
    stack = testStack(
      await LocalWorkspace.createStack(
        { stackName: name, projectName: "release", program },
        { workDir: scratch, envVars },
      ),
    );
    await stack.up();
  });
  after(async () => {
    await attempt("docker", ["rm", "--force", `${name}-stranger`]);
    await stack.destroy();
    rmSync(scratch, { recursive: true });
  });

  it("disconnects its containers from the network before any is removed, and leaves other containers on it", async () => {
    const image = await run("docker", ["inspect", "--format", "{{.Image}}", `${name}-0`]);
    await run("docker", ["run", "--detach", "--name", `${name}-stranger`, "--network", name, image, "sleep", "86400"]);
    const since = String(Date.now() / 1000);
    await assert.rejects(stack.destroy(), /active endpoints/);

    const events = async (...filters: string[]): Promise<Event[]> => {
      const args = ["events", "--since", since, "--until", String(Date.now() / 1000), "--format", "{{json .}}"];
      const text = await run("docker", [...args, ...filters.flatMap((filter) => ["--filter", filter])]);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
    };
    const left = await events("type=network", `network=${name}`, "event=disconnect");
    const removed = await events("type=container", `label=${label}`, "event=destroy");
    // The engine reports a forced disconnect twice.
    const leavers = new Set(left.map(({ Actor }) => Actor.Attributes.container));
    assert.deepEqual([leavers.size, removed.length], [SIZE, SIZE]);
    const [last, first] = [left, removed].map((each) => each.map(({ timeNano }) => timeNano));
    assert.ok(Math.max(...(last ?? [])) < Math.min(...(first ?? [])));
    const attached = "{{range .Containers}}{{.Name}} {{end}}";
    assert.equal(await run("docker", ["network", "inspect", "--format", attached, name]), `${name}-stranger`);
  });
});
