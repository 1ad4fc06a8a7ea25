import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { Container } from "../../components/Container.ts";
import { EndpointRelease } from "../../components/endpoint-release/EndpointRelease.ts";
import { HitCounter } from "../../components/HitCounter.ts";
import { HostScript } from "../../components/host-script/HostScript.ts";
import { healthProbe } from "../../components/lib/hardened.ts";
import { MacvlanNetwork } from "../../components/MacvlanNetwork.ts";
import { NetworkNamespace } from "../../components/network-namespace/NetworkNamespace.ts";
import { OutsideHost } from "../../components/OutsideHost.ts";
import { OverlayNetwork } from "../../components/overlay-network/OverlayNetwork.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { VethPair } from "../../components/veth-pair/VethPair.ts";
import { inputsOf, type Registered, recordResources, resolved, settled } from "./mocks.ts";

const COMMAND = "command:local:Command";
const LOCAL = { kind: "local" } as const;
const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const NETWORK = "docker:index/network:Network";
const LABELS = { "dockernet.stack": "practice" };

describe("components", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });
  const made = () => seen.map(({ type, name }) => `${type} ${name}`);

  it("BridgeNetwork creates one bridge, and gives it the first address of its subnet", async () => {
    const lab = new BridgeNetwork("lab", { networkName: "lab-net", subnet: "172.30.5.0/24", labels: LABELS });
    assert.equal(await resolved(lab.networkName), "lab-net");
    assert.deepEqual(made(), ["dockernet:index:BridgeNetwork lab", "docker:index/network:Network lab"]);
    assert.deepEqual(inputsOf(seen, "docker:index/network:Network", "lab"), {
      name: "lab-net",
      driver: "bridge",
      ipamConfigs: [{ subnet: "172.30.5.0/24", gateway: "172.30.5.1" }],
      labels: [{ label: "dockernet.stack", value: "practice" }],
    });
  });

  it("MacvlanNetwork creates one network on its parent, in mode bridge, with the first address as the router's", async () => {
    const lan = new MacvlanNetwork("lan", { networkName: "lan-net", parent: "eth1", subnet: "172.30.5.0/24" });
    assert.equal(await resolved(lan.gateway), "172.30.5.1");
    assert.deepEqual(inputsOf(seen, NETWORK, "lan"), {
      name: "lan-net",
      driver: "macvlan",
      options: { parent: "eth1", macvlan_mode: "bridge" },
      ipamConfigs: [{ subnet: "172.30.5.0/24", gateway: "172.30.5.1" }],
    });
    const range = { gateway: "172.30.5.254", ipRange: "172.30.5.64/26", mode: "private" } as const;
    const other = new MacvlanNetwork("other", { networkName: "n", parent: "eth1", subnet: "172.30.5.0/24", ...range });
    await resolved(other.networkId);
    const { options, ipamConfigs } = inputsOf(seen, NETWORK, "other");
    assert.deepEqual(options, { parent: "eth1", macvlan_mode: "private" });
    assert.deepEqual(ipamConfigs, [{ subnet: "172.30.5.0/24", gateway: range.gateway, ipRange: range.ipRange }]);
  });

  it("MacvlanNetwork refuses a wrong parent, router, range and mode, before anything is created", () => {
    const make = (args: object) => () =>
      new MacvlanNetwork("lan", { networkName: "n", parent: "eth1", subnet: "172.30.5.0/24", ...args });
    assert.throws(make({ parent: "sixteen-bytes-ab" }), /1 to 15 bytes .*, got "sixteen-bytes-ab"/);
    assert.throws(make({ gateway: "172.30.6.1" }), /^Error: expected a host of 172\.30\.5\.0\/24, got 172\.30\.6\.1/);
    assert.throws(
      make({ ipRange: "172.30.4.0/23" }),
      /^Error: expected a part of 172\.30\.5\.0\/24, got 172\.30\.4\.0\/23/,
    );
    assert.throws(make({ mode: "passthru" }), /^Error: expected one of bridge, private, vepa, got "passthru"/);
    assert.ok(seen.every(({ type }) => !type.startsWith("docker:")));
  });

  it("components with a block refuse a reserved one, by the range's name", () => {
    const common = { labels: LABELS, image: "sha256:box", networkName: "net", containerName: "outside" };
    const refused = {
      name: "Error",
      message: /^240\.0\.\S+ cannot be used: 240\.0\.0\.0\/4 is reserved for future use/,
    };
    assert.throws(() => new BridgeNetwork("a", { ...common, subnet: "240.0.0.0/24" }), refused);
    assert.throws(() => new MacvlanNetwork("a", { ...common, subnet: "240.0.0.0/24", parent: "eth1" }), refused);
    assert.throws(() => new OutsideHost("b", { ...common, subnet: "240.0.0.0/30", interface: "veth" }), refused);
    assert.throws(
      () => new OverlayNetwork("c", { ...common, subnet: "240.0.0.0/24", engines: [], clusterToken: "x" }),
      refused,
    );
    const end = (address: string) => ({ namespace: "test1", interface: "veth", address });
    const ends = [end("240.0.0.1/24"), end("240.0.0.2/24")] as const;
    assert.throws(() => new VethPair("d", { host: LOCAL, ends }), refused);
  });

  it("ServiceImage pulls a reference and keeps it when the stack is destroyed", async () => {
    const image = new ServiceImage("redis", { source: { reference: "redis:7@sha256:abc" } });
    assert.equal(await resolved(image.imageId), "sha256:redis");
    assert.deepEqual(inputsOf(seen, IMAGE, "redis"), { name: "redis:7@sha256:abc", keepLocally: true });
  });

  it("ServiceImage builds a folder, and its name and triggers follow the content and the base", async () => {
    const context = fileURLToPath(new URL("../../images/web", import.meta.url));
    const build = (base: string) => new ServiceImage(base, { source: { repository: "dockernet/web", context, base } });
    await Promise.all([build("one"), build("two")].map(({ imageId }) => resolved(imageId)));
    const [one, two] = [inputsOf(seen, IMAGE, "one"), inputsOf(seen, IMAGE, "two")];
    const hash = (one.triggers as { context: string }).context;
    assert.deepEqual(one, {
      name: `dockernet/web:${hash}`,
      build: { context, buildArgs: { BASE: "one" } },
      triggers: { context: hash },
      keepLocally: true,
    });
    assert.notDeepEqual(one.triggers, two.triggers);
  });

  const nginx = {
    containerName: "web",
    hostname: "nginx",
    image: "sha256:1",
    network: "lab-net",
    healthcheck: "true",
    labels: LABELS,
  };

  it("Container runs one hardened container that waits for its health check", async () => {
    const service = new Container("web", { ...nginx, capabilities: ["CHOWN"], environment: { B: "2", A: "1" } });
    const outputs = [service.containerId, service.containerName, service.hostname, service.address];
    assert.deepEqual(await Promise.all(outputs.map(resolved)), ["web-id", "web", "nginx", "172.30.5.2"]);
    assert.deepEqual(inputsOf(seen, CONTAINER, "web"), {
      name: "web",
      hostname: "nginx",
      image: "sha256:1",
      envs: ["A=1", "B=2"],
      networkMode: "bridge",
      networksAdvanced: [{ name: "lab-net", aliases: ["nginx"] }],
      capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] },
      securityOpts: ["no-new-privileges"],
      restart: "unless-stopped",
      init: true,
      healthcheck: healthProbe("true"),
      wait: true,
      waitTimeout: 60,
      labels: [{ label: "dockernet.stack", value: "practice" }],
    });
  });

  it("Container has the address that it is given, on a user-defined network only", async () => {
    const fixed = new Container("fixed", { ...nginx, address: "172.30.5.9" });
    const bare = new Container("bare", { ...nginx, network: "none", address: "172.30.5.9" });
    await Promise.all([fixed, bare].map(({ containerName }) => resolved(containerName)));
    const advanced = [{ name: "lab-net", aliases: ["nginx"], ipv4Address: "172.30.5.9" }];
    assert.deepEqual(inputsOf(seen, CONTAINER, "fixed").networksAdvanced, advanced);
    assert.equal(inputsOf(seen, CONTAINER, "bare").networksAdvanced, undefined);
  });

  it("Container publishes on the loopback address by default", async () => {
    const local = new Container("local", { ...nginx, publish: { port: 8080, containerPort: 80 } });
    const open = new Container("open", { ...nginx, publish: { port: 8080, containerPort: 80, address: "0.0.0.0" } });
    await Promise.all([local, open].map(({ containerName }) => resolved(containerName)));
    const port = { internal: 80, external: 8080, protocol: "tcp" };
    assert.deepEqual(inputsOf(seen, CONTAINER, "local").ports, [{ ...port, ip: "127.0.0.1" }]);
    assert.deepEqual(inputsOf(seen, CONTAINER, "open").ports, [{ ...port, ip: "0.0.0.0" }]);
  });

  it("HitCounter publishes only the web container, and keeps the hits on a volume", async () => {
    const counter = new HitCounter("hits", {
      network: "lab-net",
      images: { redis: "sha256:r", web: "sha256:w" },
      names: { redis: "redis", web: "flask-redis", volume: "redis-hits" },
      publish: { port: 5000 },
      labels: LABELS,
    });
    assert.deepEqual(
      await Promise.all([counter.redis, counter.web].map(({ containerName }) => resolved(containerName))),
      ["redis", "flask-redis"],
    );
    const [redis, web] = [inputsOf(seen, CONTAINER, "hits-redis"), inputsOf(seen, CONTAINER, "hits")];
    assert.equal(redis.ports, undefined);
    assert.deepEqual(redis.volumes, [{ volumeName: "redis-hits", containerPath: "/data" }]);
    assert.deepEqual(web.ports, [{ internal: 5000, external: 5000, ip: "127.0.0.1", protocol: "tcp" }]);
    assert.deepEqual(web.envs, ["REDIS_HOST=redis"]);
    assert.deepEqual(inputsOf(seen, "docker:index/volume:Volume", "hits-hits").name, "redis-hits");
  });

  const script = new URL("../../components/network-namespace/namespace.sh", import.meta.url);

  it("HostScript sends variables, script and verbs by stdin, and keeps the command short", async () => {
    const variables = { B: "it's", A: pulumi.output("$(1)") };
    const made = new HostScript("thing", { host: LOCAL, script, variables, identity: ["A"], timeoutSec: 9 });
    await resolved(made.stdout);
    const { stdin, ...rest } = inputsOf(seen, COMMAND, "thing");
    assert.match(
      String(stdin),
      /^A='\$\(1\)'\nB='it'\\''s'\nSTEP='\S+-thing'\n\S.*^up\(\) \{.*^case "\$\{1:-\}" in$/ms,
    );
    assert.deepEqual(rest, {
      create: "timeout -k 30 9 sh -s -- up",
      update: "timeout -k 30 9 sh -s -- update",
      delete: "timeout -k 30 9 sh -s -- down",
      triggers: ["$(1)"],
      addPreviousOutputInEnv: false,
      logging: "stderr",
    });
  });

  it("HostScript over SSH pins the host key, and replaces for another address", async () => {
    const connection = { host: "10.0.0.1", privateKey: pulumi.secret("key"), hostKey: "ssh-ed25519 AAAA" };
    const made = new HostScript("far", { host: { kind: "ssh", connection }, script, variables: {} });
    await resolved(made.stdout);
    const inputs = inputsOf(seen, "command:remote:Command", "far");
    assert.deepEqual(inputs.triggers, ["10.0.0.1"]);
    assert.match(JSON.stringify(inputs.connection), /ssh-ed25519 AAAA/);
  });

  it("NetworkNamespace and VethPair create one script each, identified by what it creates", async () => {
    const namespace = new NetworkNamespace("test1", { host: LOCAL, namespace: "test1", owner: "dockernet/practice" });
    const ends = [
      { namespace: namespace.namespace, interface: "veth-test1", address: "192.168.1.1/24" },
      { namespace: "test2", interface: "veth-test2", address: "192.168.1.2/24" },
    ] as const;
    const pair = new VethPair("veth-test", { host: LOCAL, ends });
    assert.deepEqual(await resolved(pair.addresses), ["192.168.1.1", "192.168.1.2"]);
    assert.deepEqual(inputsOf(seen, COMMAND, "test1").triggers, ["test1", "dockernet/practice"]);
    assert.deepEqual(inputsOf(seen, COMMAND, "veth-test").triggers, ["test1", "veth-test1", "test2", "veth-test2"]);
    assert.match(String(inputsOf(seen, COMMAND, "veth-test").stdin), /^NETWORK='192\.168\.1\.0\/24'$/m);
  });

  it("VethPair gives both ends one MTU, the usual one by default, and refuses one that no IPv4 interface has", async () => {
    const ends = [
      { namespace: "test1", interface: "veth-test1", address: "192.168.1.1/24" },
      { namespace: "test2", interface: "veth-test2", address: "192.168.1.2/24" },
    ] as const;
    const pairs = [
      new VethPair("usual", { host: LOCAL, ends }),
      new VethPair("small", { host: LOCAL, ends, mtu: 1400 }),
    ];
    await Promise.all(pairs.map(({ addresses }) => resolved(addresses)));
    assert.match(String(inputsOf(seen, COMMAND, "usual").stdin), /^MTU='1500'$/m);
    assert.match(String(inputsOf(seen, COMMAND, "small").stdin), /^MTU='1400'$/m);
    for (const mtu of [67, 65_536, 1500.5]) {
      const refused = new RegExp(`^Error: expected an MTU of 68 to 65535 bytes, got ${mtu}`);
      assert.throws(() => new VethPair("wrong", { host: LOCAL, ends, mtu }), refused);
    }
  });

  it("NetworkNamespace and VethPair refuse invalid names and addresses, before anything is created", () => {
    const end = (name: string, address: string) => ({ namespace: "test1", interface: name, address });
    const pair = (name: string, address: string) => () =>
      new VethPair("veth-test", { host: LOCAL, ends: [end("veth-test1", "192.168.1.1/24"), end(name, address)] });
    assert.throws(pair("sixteen-bytes-ab", "192.168.1.2/24"), /1 to 15 bytes .*, got "sixteen-bytes-ab"/);
    assert.throws(pair("veth-test2", "192.168.2.2/24"), /expected two addresses of one block, got/);
    assert.throws(pair("veth-test2", "192.168.1.2"), /expected an IPv4 address with prefix length/);
    assert.throws(
      () => new NetworkNamespace("test1", { host: LOCAL, namespace: "a/b", owner: "me" }),
      /expected a namespace name .*, got "a\/b"/,
    );
    assert.ok(seen.every(({ type }) => !type.startsWith("command:")));
  });

  it("EndpointRelease acts when it is deleted, and is created after the containers", async () => {
    const network = pulumi.output("lab-net");
    new EndpointRelease("release", { host: LOCAL, network, label: "lab=1", containers: [] });
    await settled(seen);
    const { stdin, delete: down } = inputsOf(seen, "command:local:Command", "release");
    assert.match(String(stdin), /^LABEL='lab=1'\nNETWORK='lab-net'\n[\s\S]*docker network disconnect --force/);
    assert.equal(down, "timeout -k 30 300 sh -s -- down");
  });
});
