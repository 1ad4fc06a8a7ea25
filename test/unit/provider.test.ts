import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { isUnknown, unknown } from "@pulumi/pulumi/output.js";
import { DockernetProvider } from "../../components/provider/provider.ts";
import { componentOf, SCHEMA_TEXT } from "../../components/provider/schema.ts";
import {
  inputsOf,
  type Registered,
  type Request,
  recordRequests,
  recordResources,
  resolved,
  settled,
} from "./mocks.ts";

const SSH = { kind: "ssh", connection: { host: "10.0.0.11", hostKey: "ssh-ed25519 AAAA" } };
const NODE = { containerName: "node1", image: "sha256:0", network: "lan", address: "10.0.0.11" };
const ENDS = ["a", "b"].map((each, index) => ({
  namespace: each,
  interface: each,
  address: `192.168.1.${index + 1}/24`,
}));

/** Inputs of each component; `key` and `node` stand for an SshKey and a PracticeNode that were created before. */
const INPUTS: Readonly<Record<string, object>> = {
  SshKey: { file: ".keys/id" },
  PracticeNode: { ...NODE, userKey: "key" },
  BridgeNetwork: { networkName: "net", subnet: "172.30.5.0/24", labels: { a: "b" } },
  ClusterStoreEngine: { host: SSH, endpoint: "http://10.0.0.11:2379", clusterToken: "t", address: "10.0.0.11" },
  Container: { containerName: "web", image: "sha256:0", network: "net", publish: { port: 8080, containerPort: 80 } },
  EtcdCluster: { members: [{ memberName: "node1", address: "10.0.0.11", host: { kind: "ssh", node: "node" } }] },
  HitCounter: {
    network: "net",
    images: { redis: "sha256:0", web: "sha256:1" },
    names: { redis: "r", web: "w", volume: "v" },
  },
  ImageCopy: { image: "sha256:0", host: SSH },
  LinkedContainer: { containerName: "c", image: "sha256:0", target: "t", alias: "t" },
  MacvlanNetwork: { networkName: "net", parent: "eth0", subnet: "192.168.7.0/24", gateway: "192.168.7.1" },
  NetworkNamespace: { namespace: "ns", host: { kind: "local" } },
  OutsideHost: { containerName: "c", image: "sha256:0", interface: "out", subnet: "192.168.9.0/30" },
  OverlayNetwork: {
    networkName: "demo",
    subnet: "10.10.0.0/24",
    engines: [{ host: SSH, store: "etcd://10.0.0.11:2379" }],
    clusterToken: "t",
  },
  ServiceImage: { source: { packaged: "web" } },
  SwarmCluster: {
    nodes: [{ nodeName: "node1", address: "10.0.0.11", role: "manager", host: { kind: "ssh", node: "node" } }],
  },
  SwarmNetwork: { networkName: "demo", manager: SSH, clusterId: "c" },
  SwarmService: {
    serviceName: "web",
    manager: SSH,
    clusterId: "c",
    image: "sha256:0",
    publish: [{ port: 80, containerPort: 80 }],
  },
  VethPair: { ends: ENDS },
};

describe("the provider for other languages", () => {
  let seen: Registered[];
  let requests: Request[];
  let provider: DockernetProvider;
  let references: Record<string, string>;

  beforeEach(async () => {
    seen = await recordResources();
    requests = recordRequests();
    provider = new DockernetProvider();
    references = {};
  });

  const make = async (component: string, inputs: object, name = "it", options = {}) => {
    const { urn, state } = await provider.construct(name, `dockernet:index:${component}`, inputs, options);
    await settled(seen);
    return { urn: urn as string, state };
  };
  /** The inputs with the URNs of what was created before, as the engine sends references to resources. */
  const referring = (inputs: object): object =>
    JSON.parse(JSON.stringify(inputs), (_, value) => references[value] ?? value);
  const prepare = async () => {
    references.key = (await make("SshKey", { file: ".keys/id" }, "key")).urn;
    references.node = (await make("PracticeNode", { ...NODE, userKey: references.key }, "node1")).urn;
  };
  const refusal = async (component: string, inputs: object, message: RegExp | string) => {
    const before = seen.length;
    await assert.rejects(make(component, inputs), (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error) || pulumi.ResourceError.isInstance(error), String(error));
      if (typeof message === "string") assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(
      seen.slice(before).filter(({ type }) => !type.startsWith("dockernet:")),
      [],
    );
  };

  it("creates every component of its schema, with its outputs", async () => {
    assert.deepEqual(Object.keys(JSON.parse(SCHEMA_TEXT).resources).sort(), tokens(Object.keys(INPUTS)).sort());
    await prepare();
    for (const [component, inputs] of Object.entries(INPUTS)) {
      const { state } = await make(component, referring(inputs), component.toLowerCase());
      const outputs = Object.keys(componentOf(`dockernet:index:${component}`)?.properties ?? {});
      assert.deepEqual(Object.keys(state).sort(), outputs.sort());
      for (const output of outputs) assert.notEqual(state[output], undefined, `${component}.${output}`);
      assert.ok(seen.some(({ type, name }) => type.endsWith(`:${component}`) && name === component.toLowerCase()));
    }
  });

  it("names a practice node as the host of others, with its user, and keeps its keys", async () => {
    await prepare();
    const { state } = await make("PracticeNode", { ...NODE, userKey: references.key }, "node2");
    assert.deepEqual(Object.keys(state.host).sort(), ["kind", "name", "node"]);
    assert.equal(state.userHost.sudo, true);
    await make("NetworkNamespace", { namespace: "ns", host: pulumi.output(state.userHost) }, "inside");
    const { connection, create } = inputsOf(seen, "command:remote:Command", "inside@node2") as {
      readonly connection: { readonly value: { readonly user: string } };
      readonly create: string;
    };
    assert.equal(connection.value.user, "lab");
    assert.match(create, /^sudo /);
    await make("NetworkNamespace", { namespace: "ns", host: { kind: "ssh", node: references.node } }, "other");
    assert.ok(inputsOf(seen, "command:remote:Command", "other@node1"));
  });

  it("passes options to the class", async () => {
    const protect = true;
    await make("BridgeNetwork", INPUTS.BridgeNetwork ?? {}, "net", { protect, aliases: [{ name: "old" }] });
    const component = requests.find((each) => each.getType() === "dockernet:index:BridgeNetwork");
    assert.equal(component?.getProtect(), true);
    assert.deepEqual(
      component?.getAliasesList().map((each) => each.getSpec()?.getName()),
      ["old"],
    );
    assert.equal(requests.find((each) => each.getType() === "docker:index/network:Network")?.getProtect(), true);
  });

  it("keeps a secret secret, also one that the program did not mark", async () => {
    const connection = { ...SSH.connection, privateKey: "swordfish" };
    await make("NetworkNamespace", { namespace: pulumi.secret("ns"), host: { kind: "ssh", connection } });
    const { connection: passed, stdin } = inputsOf(seen, "command:remote:Command", "it");
    for (const value of [passed, stdin]) {
      assert.equal((value as Record<string, unknown>)[pulumi.runtime.specialSigKey], pulumi.runtime.specialSecretSig);
    }
    const { state } = await make("SshKey", {}, "key");
    assert.equal(await pulumi.isSecret(state.privateKey), true);
    assert.equal(await pulumi.isSecret(state.publicKey), false);
  });

  it("keeps an unknown input unknown, also a part of a list that is an output", async () => {
    const name = pulumi.output(unknown) as unknown as pulumi.Output<string>;
    const { state } = await make("BridgeNetwork", { networkName: name, subnet: "172.30.5.0/24" });
    assert.deepEqual(await known(state.networkName), false);
    assert.equal(await resolved(state.gateway as pulumi.Output<string>), "172.30.5.1");
    const ends = pulumi.output([ENDS[0], { ...ENDS[1], namespace: unknown }]);
    const pair = await make("VethPair", { ends }, "pair");
    assert.deepEqual(await known(pair.state.interfaces), false);
  });

  for (const [component, inputs, message] of [
    ["BridgeNetwork", { networkName: "a" }, "argument subnet: missing"],
    ["BridgeNetwork", { networkName: "a", subnet: 4 }, "argument subnet: expected a string, got 4"],
    [
      "BridgeNetwork",
      { networkName: "a", subnt: "b" },
      "argument subnt: unknown, expected one of networkName, subnet, gateway, labels",
    ],
    ["BridgeNetwork", { networkName: "a", subnet: "10.0.0.1/24" }, /^expected the block's own address/],
    ["BridgeNetwork", { ...INPUTS.BridgeNetwork, labels: ["a"] }, 'argument labels: expected an object, got ["a"]'],
    ["Container", { ...INPUTS.Container, publish: { port: 1 } }, "argument publish.containerPort: missing"],
    ["Container", { ...INPUTS.Container, command: "sh" }, 'argument command: expected a list, got "sh"'],
    ["EtcdCluster", { members: [{ memberName: "a", address: "b" }] }, "argument members[0].host: missing"],
    ["EtcdCluster", { members: [], supervisor: "init" }, 'argument supervisor: expected systemd or nohup, got "init"'],
    [
      "EtcdCluster",
      { members: [], source: { kind: "archive" } },
      "argument source.version: missing; a source of kind archive requires it",
    ],
    [
      "NetworkNamespace",
      { namespace: "a", host: { kind: "ssh" } },
      "argument host.connection: missing; a host of kind ssh requires it",
    ],
    [
      "NetworkNamespace",
      { namespace: "a", host: { kind: "local", sudo: true } },
      "argument host.sudo: only for a host of kind ssh",
    ],
    [
      "NetworkNamespace",
      { namespace: "a", host: { kind: "ssh", node: "urn:b" } },
      /^argument host\.node: expected the/,
    ],
    [
      "NetworkNamespace",
      { namespace: "a", host: { ...SSH, name: pulumi.secret("swordfish") } },
      "argument host.name: must not be secret, because it is part of names or of commands",
    ],
    [
      "NetworkNamespace",
      { namespace: "a", host: pulumi.output(unknown) },
      "argument host: must be known in a preview, because it decides which resources exist",
    ],
    ["PracticeNode", { ...NODE, userKey: "urn:b" }, /^argument userKey: expected a resource SshKey of this program/],
    [
      "ServiceImage",
      { source: { repository: "a" } },
      "argument source.context: missing; an image without reference or packaged requires it",
    ],
    ["ServiceImage", { source: { packaged: "vm" } }, 'argument source.packaged: expected web, box or node, got "vm"'],
    ["VethPair", { ends: ENDS.slice(1) }, "argument ends: expected 2 ends, got 1"],
  ] as const) {
    it(`refuses in one sentence: ${component}, ${message}`, () => refusal(component, inputs, message));
  }

  it("does not show a secret that has the wrong type", async () => {
    const connection = { ...SSH.connection, privateKey: pulumi.secret(["swordfish"]) };
    const inputs = { namespace: "a", host: { kind: "ssh", connection } };
    await refusal("NetworkNamespace", inputs, "argument host.connection.privateKey: expected a string, got a secret");
  });

  it("has no other resource", async () => {
    await assert.rejects(make("HostScript", {}), {
      message: "the provider dockernet has no resource dockernet:index:HostScript",
    });
  });
});

const tokens = (names: readonly string[]) => names.map((name) => `dockernet:index:${name}`);

/** Whether an output is known. */
const known = async (output: unknown): Promise<boolean> => {
  const { promise } = output as { readonly promise: (withUnknowns: boolean) => Promise<unknown> };
  const value = await promise(true);
  return value !== undefined && !isUnknown(value);
};
