import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { HitCounter } from "../../components/HitCounter.ts";
import { HostScript } from "../../components/host-script/HostScript.ts";
import { RemoteEngine } from "../../components/RemoteEngine.ts";
import { type Registered, type Request, recordRequests, recordResources, settled } from "./mocks.ts";

const LABELS = { "dockernet.stack": "practice" };
const SCRIPT = new URL("../integration/file.sh", import.meta.url);

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
});
