import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { HitCounter } from "../../components/HitCounter.ts";
import { childOptions, componentOptions } from "../../components/lib/childOptions.ts";
import { LinkedContainer } from "../../components/linked-container/LinkedContainer.ts";
import { NetworkNamespace } from "../../components/network-namespace/NetworkNamespace.ts";
import { VethPair } from "../../components/veth-pair/VethPair.ts";
import { type Registered, type Request, recordRequests, recordResources, settled } from "./mocks.ts";

const CHILDREN = ["docker:index/network:Network", "docker:index/volume:Volume", "docker:index/container:Container"];
const COMMAND = "command:local:Command";

describe("options of a component", () => {
  let seen: Registered[];
  let requests: Request[];
  beforeEach(async () => {
    seen = await recordResources();
    requests = recordRequests();
  });

  /** Makes three components with these options, and returns the requests for them and for their children. */
  async function made(opts: pulumi.ComponentResourceOptions) {
    const end = (namespace: string, address: string) => ({ namespace, interface: "veth", address });
    new BridgeNetwork("net", { networkName: "my-net", subnet: "172.30.5.0/24", labels: { a: "b" } }, opts);
    new VethPair("pair", { ends: [end("a", "10.0.0.1/30"), end("b", "10.0.0.2/30")] }, opts);
    const images = { redis: "sha256:redis", web: "sha256:web" };
    new HitCounter("hits", { network: "my-net", images, names: { redis: "redis", web: "web", volume: "hits" } }, opts);
    await settled(seen);
    const isOurs = (request: Request) => request.getType().startsWith("dockernet:");
    const top = requests.filter((request) => isOurs(request) && request.getParent() === "");
    const children = requests.filter((request) => !isOurs(request) && request.getParent() !== "");
    assert.deepEqual([top.length, children.length], [3, 5]);
    return { top, children };
  }

  it("protect protects every child", async () => {
    const { top, children } = await made({ protect: true });
    for (const request of [...top, ...children]) assert.equal(request.getProtect(), true, request.getName());
  });

  it("providers and provider reach the children of that provider, and no others", async () => {
    for (const given of ["provider", "providers"]) {
      const provider = new docker.Provider(given, { host: "ssh://root@10.0.0.9" });
      const { children } = await made(given === "provider" ? { provider } : { providers: [provider] });
      for (const request of children) {
        const expected = CHILDREN.includes(request.getType()) ? new RegExp(`::${given}::${given}-id$`) : /^$/;
        assert.match(request.getProvider(), expected, request.getName());
      }
      requests.length = 0;
    }
  });

  it("aliases rename the children, too: their names begin with the component's", async () => {
    const { top, children } = await made({ aliases: [{ name: "old" }] });
    for (const request of top) {
      const [alias] = request.getAliasesList();
      assert.equal(alias?.getSpec()?.getName(), "old");
    }
    for (const request of children) {
      const parent = top.find((each) => request.getParent().split("::")[2]?.startsWith(each.getType()));
      assert.ok(request.getName().startsWith(parent?.getName() ?? "nothing"), request.getName());
    }
  });

  it("transformations change the children, and what they add to a list is kept", async () => {
    const { children } = await made({
      transformations: [
        ({ type, props, opts }) =>
          type === COMMAND || CHILDREN.includes(type)
            ? { props, opts: pulumi.mergeOptions(opts, { ignoreChanges: ["labels"], replaceOnChanges: ["mine"] }) }
            : undefined,
      ],
    });
    for (const request of children) {
      assert.deepEqual(request.getIgnorechangesList(), ["labels"], request.getName());
      assert.ok(request.getReplaceonchangesList().includes("mine"), request.getName());
      if (request.getType() === "docker:index/container:Container") {
        assert.ok(request.getReplaceonchangesList().includes("healthcheck"));
      }
    }
  });

  it("transforms are on the component only, once: the engine runs them for its children (mocks have no such engine)", () => {
    const transforms: pulumi.ResourceTransform[] = [async ({ props, opts }) => ({ props, opts })];
    assert.deepEqual(componentOptions({ transforms }), { transforms });
    assert.equal(childOptions<pulumi.ResourceOptions>({ transforms }, {}).transforms, undefined);
  });

  it("ignoreChanges stays on the component, as for every component of Pulumi", async () => {
    const { top, children } = await made({ ignoreChanges: ["labels"] });
    for (const request of top) assert.deepEqual(request.getIgnorechangesList(), ["labels"]);
    for (const request of children) assert.deepEqual(request.getIgnorechangesList(), []);
  });
});

describe("arguments that are left out", () => {
  it("are this program's owner mark, this host, and the container's name as hostname", async () => {
    const seen = await recordResources();
    new NetworkNamespace("test1", { namespace: "test1" });
    new LinkedContainer("a", { containerName: "client", image: "sha256:box", target: "c0ffee", alias: "server" });
    await settled(seen);
    const text = (name: string) =>
      String(seen.find((each) => each.type === COMMAND && each.name === name)?.inputs.stdin);
    assert.match(text("test1"), /^OWNER='dockernet\/practice'$/m);
    assert.match(text("a"), /^HOST_NAME='client'$/m);
  });
});
