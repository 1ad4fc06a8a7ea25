import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { HitCounter } from "../../components/HitCounter.ts";
import { HostScript } from "../../components/host-script/HostScript.ts";
import { childOptions, componentOptions } from "../../components/lib/childOptions.ts";
import { LinkedContainer } from "../../components/linked-container/LinkedContainer.ts";
import { NetworkNamespace } from "../../components/network-namespace/NetworkNamespace.ts";
import { RemoteEngine } from "../../components/RemoteEngine.ts";
import { VethPair } from "../../components/veth-pair/VethPair.ts";
import { type Registered, type Request, recordRequests, recordResources, settled } from "./mocks.ts";

const LABELS = { "dockernet.stack": "practice" };
const SCRIPT = new URL("../integration/file.sh", import.meta.url);

const CHILDREN = ["docker:index/network:Network", "docker:index/volume:Volume", "docker:index/container:Container"];
const COMMAND = "command:local:Command";

describe("options of a component", () => {
  let seen: Registered[];
  let requests: Request[];
  beforeEach(async () => {
    seen = await recordResources();
    requests = recordRequests();
  });
  const request = (type: string, name: string) =>
    requests.find((each) => each.getType().includes(type) && each.getName() === name) ?? assert.fail(`${type} ${name}`);
  const names = (urns: readonly string[]) => urns.map((urn) => urn.split("::").at(-1));

  it("order its children, not the component itself", async () => {
    const first = new docker.Volume("first", {});
    const network = { networkName: "net", subnet: "172.30.5.0/24", labels: LABELS };
    new BridgeNetwork("net", network, { dependsOn: [first] });
    const host = { kind: "local" } as const;
    new HostScript("script", { host, script: SCRIPT, variables: { FILE: "f" } }, { dependsOn: first });
    await settled(seen);
    assert.deepEqual(names(request("docker:index/network", "net").getDependenciesList()), ["first"]);
    assert.deepEqual(names(request("command:local", "script").getDependenciesList()), ["first"]);
    assert.deepEqual(request("BridgeNetwork", "net").getDependenciesList(), []);
  });

  it("reach the children of nested components, in addition to their own order", async () => {
    const first = new docker.Volume("first", {});
    const args = {
      network: "net",
      images: { redis: "r", web: "w" },
      names: { redis: "r", web: "w", volume: "v" },
      labels: LABELS,
    };
    new HitCounter("hits", args, { dependsOn: first, deletedWith: first });
    await settled(seen);
    const web = request("docker:index/container", "hits");
    assert.deepEqual(names(web.getDependenciesList()).sort(), ["first", "hits-redis"]);
    assert.deepEqual(names([web.getDeletedwith()]), ["first"]);
    assert.equal(request("HitCounter", "hits").getDeletedwith(), "");
  });

  it("for an engine place a component's children on it, and delete them with its host", async () => {
    const resource = new docker.Container("host", { image: "sha256:1" });
    const storage = new docker.Volume("storage", {});
    const connection = { host: "10.0.0.9", hostKey: "ssh-ed25519 AAAA", privateKey: "k" };
    const { options } = new RemoteEngine("far", { host: { kind: "ssh", connection, resource, storage } });
    new BridgeNetwork("net", { networkName: "net", subnet: "172.30.5.0/24", labels: LABELS }, options);
    await settled(seen);
    const network = request("docker:index/network", "net");
    assert.match(network.getProvider(), /providers:docker::far/);
    assert.deepEqual(names([network.getDeletedwith(), ...network.getReplaceWithList()]), ["host", "storage"]);
    assert.deepEqual(request("BridgeNetwork", "net").getReplaceWithList(), []);
  });

  /** Creates three components with these options; returns the requests for them and for their children. */
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
