import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { DEFAULT_ENGINE } from "../../components/lib/dockerNames.ts";
import { defaultSubnet } from "../../components/lib/identity.ts";
import { NetworkNamespace } from "../../components/network-namespace/NetworkNamespace.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { type TestStack, testStack } from "../stack.ts";

const NETWORK = "docker:index/network:Network";
const COMMAND = "command:local:Command";

/** What a state says about a resource. */
interface Recorded {
  readonly type: string;
  readonly urn: string;
  readonly protect?: boolean;
  readonly provider?: string;
  readonly inputs?: { readonly environment?: unknown };
}

interface Settings {
  /** @default "net" */
  readonly name?: string;
  /** Whether the components are in another one. */
  readonly nested?: boolean;
  /** Value of the network's label `team`. */
  readonly team: string;
  readonly options?: pulumi.ComponentResourceOptions;
}

/** A component of the user. */
class Home extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Home", name);
  }
}

/** Adds `ignoreChanges` to the children. */
const ignoring: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === NETWORK || type === COMMAND
    ? { props, opts: pulumi.mergeOptions(opts, { ignoreChanges: ["labels", "environment"] }) }
    : undefined;

describe("Pulumi's resource options on components", function () {
  this.timeout(120_000);
  const name = `test-${randomBytes(4).toString("hex")}`;
  const subnet = defaultSubnet({ project: "options", stack: name }, 0);
  const work = mkdtempSync(join(tmpdir(), "dockernet-options-"));
  const env = { PULUMI_BACKEND_URL: `file://${work}`, PULUMI_CONFIG_PASSPHRASE: "test" };
  let stack: TestStack;
  let made: string;
  /** The children after the first update. */
  let first: Recorded[];

  /** A network and a namespace, with providers of the program's own. */
  const program =
    ({ name: resource = "net", nested = false, team, options = {} }: Settings): PulumiFn =>
    async () => {
      const providers = [
        new docker.Provider("engine", { host: process.env.DOCKER_HOST ?? DEFAULT_ENGINE }),
        new command.Provider("commands"),
      ];
      const opts = { providers, ...(nested && { parent: new Home("home") }), ...options };
      new BridgeNetwork(resource, { networkName: name, subnet, labels: { team } }, opts);
      new NetworkNamespace(resource, { namespace: name }, opts);
    };
  const preview = async (settings: Settings) => (await stack.preview({ program: program(settings) })).changeSummary;
  const inspect = (format: string) => run("docker", ["network", "inspect", "--format", format, name]);
  const namespace = () => run("stat", ["--format", "%i", `/run/netns/${name}`]);
  const identity = async () => [await inspect("{{.Id}}"), await namespace()].join();
  const children = async (): Promise<Recorded[]> => {
    const { resources } = (await stack.exportStack()).deployment as { readonly resources: Recorded[] };
    return resources.filter(({ type }) => type === NETWORK || type === COMMAND);
  };

  before(async () => {
    stack = testStack(await inlineStack("options", name, work, env));
  });
  after(async () => {
    await attempt("pulumi", ["state", "unprotect", "--all", "--yes", "--stack", name], { cwd: work, env });
    await stack.destroy();
    assert.equal(await attempt("docker", ["network", "inspect", name]), undefined);
    assert.equal(await attempt("stat", [`/run/netns/${name}`]), undefined);
    rmSync(work, { recursive: true });
  });

  it("transforms and transformations change the children", async () => {
    const labels = [{ label: "team", value: "changed" }];
    const transforms: pulumi.ResourceTransform[] = [
      ({ type, props, opts }) => (type === NETWORK ? { props: { ...props, labels }, opts } : undefined),
    ];
    const transformations: pulumi.ResourceTransformation[] = [
      ({ type, props, opts }) =>
        type === COMMAND ? { props: { ...props, environment: { TEAM: "changed" } }, opts } : undefined,
    ];
    await stack.up({ program: program({ team: "a", options: { transforms, transformations, protect: true } }) });
    assert.equal(await inspect('{{index .Labels "team"}}'), "changed");
    first = await children();
    const [environment] = first.flatMap(({ inputs }) => inputs?.environment ?? []);
    assert.deepEqual(environment, { TEAM: "changed" });
    made = await identity();
  });

  it("providers reach the children, each that of its package", () => {
    const used = first.map(({ type, provider = "" }) => [type, provider.split("::").at(-2)]);
    assert.deepEqual(Object.fromEntries(used), { [NETWORK]: "engine", [COMMAND]: "commands" });
  });

  it("protect refuses a destroy, and nothing is deleted", async () => {
    assert.deepEqual(
      first.map(({ protect }) => protect),
      [true, true],
    );
    await assert.rejects(stack.destroy(), /protect/);
    assert.equal(await identity(), made);
  });

  it("ignoreChanges, added by a transform, keeps what was changed, and a preview without it shows the change", async () => {
    assert.deepEqual(Object.keys(await preview({ team: "a", options: { transforms: [ignoring], protect: true } })), [
      "same",
    ]);
    const changed = await preview({ team: "a" });
    assert.equal(changed.update, 1, JSON.stringify(changed));
  });

  it("aliases keep network and namespace when components are renamed and get another parent", async () => {
    const aliases = [{ name: "net", parent: pulumi.rootStackResource }];
    const settings = { name: "lan", nested: true, team: "a", options: { transforms: [ignoring], aliases } };
    await stack.up({ program: program(settings) });
    assert.equal(await identity(), made);
    assert.deepEqual(
      (await children()).map(({ urn, protect = false }) => [urn.split("::").at(-1), protect]),
      [
        ["lan", false],
        ["lan", false],
      ],
    );
    const later = { ...settings, options: { transforms: [ignoring] } };
    assert.deepEqual(Object.keys(await preview(later)), ["same"]);
  });
});
