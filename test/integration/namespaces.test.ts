import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, type PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { readScript } from "../../components/host-script/scriptText.ts";
import { NetworkNamespace } from "../../components/network-namespace/NetworkNamespace.ts";
import { VethPair } from "../../components/veth-pair/VethPair.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { testStack } from "../stack.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "./environment.ts";

const ADDRESSES = ["192.168.1.1/24", "192.168.1.2/24"];
/** Options that recreate what was broken by hand: the command provider does not read back what a script has created. */
const REPAIR = { replace: ["**:Command::*"] };

const ip = async (...args: string[]) => run("ip", args);
const namespaces = async (environment: Environment) => {
  const list = await ip("netns", "list");
  return list
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.includes(environment.name))
    .sort();
};

describe("an environment with the namespaces lab", function () {
  this.timeout(180_000);
  let lab: Environment;
  let test1: string;
  let test2: string;
  let outside: string;
  const settle = (addresses = ADDRESSES) => lab.settle({ labs: ["namespaces"], namespaces: { addresses } });
  const index = async () => JSON.parse(await ip("-n", test1, "-j", "link", "show", "dev", "veth-test1"))[0].ifindex;
  /** Interfaces and routes of the host that have the lab's names or addresses; others come and go with containers. */
  const hostSide = async () => {
    const [links, routes] = await Promise.all([ip("-o", "link", "show"), ip("route", "show", "table", "all")]);
    const names = links.split("\n").map((line) => line.split(": ")[1] ?? "");
    return JSON.stringify([...names, ...routes.split("\n")].filter((line) => /veth-test|192\.168\.1\./.test(line)));
  };

  before(async () => {
    outside = await hostSide();
    lab = await makeEnvironment({ labs: ["namespaces"] });
    [test1, test2] = [`dockernet-${lab.name}-test1`, `dockernet-${lab.name}-test2`];
    await lab.stack.up();
  });
  after(async () => {
    await lab.remove();
    assert.deepEqual(await namespaces(lab), []);
    assert.equal(await hostSide(), outside);
    await assert.rejects(run("ls", ["/run/dockernet"]));
  });

  it("passes its checks, and a second preview shows no change", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 8);
    for (const options of [{}, { refresh: true }]) await unchanged(lab, options);
  });

  it("creates no veth end on the host", async () => {
    assert.deepEqual(await namespaces(lab), [test1, test2]);
    assert.equal(await hostSide(), outside);
  });

  it("changes an address and keeps the veth pair", async () => {
    const before = await index();
    settle(["10.201.7.9/28", "10.201.7.10/28"]);
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
    assert.equal(await index(), before);
    settle();
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
    assert.equal(await index(), before);
  });

  it("refuses a block that overlaps a route of the host, and does not change the veth pair", async () => {
    const before = await index();
    const [route] = JSON.parse(await ip("-j", "-4", "route", "show", "scope", "link"));
    const [network] = route.dst.split("/");
    const host = network.replace(/\d+$/, "");
    settle([`${host}1/24`, `${host}2/24`]);
    await assert.rejects(lab.stack.up(), (error: Error) => {
      assert.match(error.message, /veth pair veth-test1, veth-test2: .* overlaps a route of this host \(/);
      assert.ok(error.message.includes(route.dst), error.message);
      return true;
    });
    settle();
    await lab.stack.up();
    assert.deepEqual(Object.keys((await lab.stack.info())?.resourceChanges ?? {}), ["same"]);
    assert.deepEqual([failures(await lab.verify()), await index()], [[], before]);
  });

  it("reports one end that was set down, and is repaired by a replacement", async () => {
    await ip("-n", test1, "link", "set", "dev", "veth-test1", "down");
    const results = await lab.verify();
    assert.deepEqual(failures(results), ["3.3-end-1", "3.3-end-2", "3.5-ping-1", "3.5-ping-2"]);
    assert.deepEqual(
      results.filter(({ check }) => check.row === "3.3").map(({ actual }) => actual),
      ["veth-test1 down 192.168.1.1/24", "veth-test2 unplugged 192.168.1.2/24"],
    );
    await lab.stack.up(REPAIR);
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("reports a deleted namespace, does not detect it in up, and is repaired by a replacement", async () => {
    await ip("netns", "delete", test1);
    const broken = ["3.2-loopback-1", "3.3-end-1", "3.3-end-2", "3.5-ping-1", "3.5-ping-2"];
    const results = await lab.verify();
    assert.deepEqual(failures(results), broken);
    assert.equal(results[0]?.actual, `there is no network namespace ${test1}`);
    await lab.stack.up({ refresh: true });
    assert.deepEqual(failures(await lab.verify()), broken);
    await lab.stack.up(REPAIR);
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("repairs both namespaces at once, as after a reboot", async () => {
    for (const name of [test1, test2]) await ip("netns", "delete", name);
    await lab.stack.up(REPAIR);
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("reports an end that is on the host, and is repaired by a replacement", async () => {
    await ip("-n", test1, "link", "set", "dev", "veth-test1", "netns", "1");
    assert.deepEqual(failures(await lab.verify()), [
      ...["3.3-end-1", "3.3-end-2", "3.4-moved-1", "3.5-ping-1", "3.5-ping-2"],
    ]);
    await lab.stack.up(REPAIR);
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("destroys what was already removed by hand, and comes up again", async () => {
    await ip("netns", "delete", test2);
    await lab.stack.destroy();
    assert.deepEqual(await namespaces(lab), []);
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
  });
});

describe("an environment with the namespaces lab that conflicts with existing objects", function () {
  this.timeout(180_000);
  let lab: Environment;
  let test1: string;
  let test2: string;

  before(async () => {
    lab = await makeEnvironment({ labs: ["namespaces"] });
    [test1, test2] = [`dockernet-${lab.name}-test1`, `dockernet-${lab.name}-test2`];
  });
  after(async () => {
    await attempt("ip", ["netns", "delete", test2]);
    await lab.remove();
  });

  it("refuses a namespace of another owner, and does not change it", async () => {
    await ip("netns", "add", test2);
    const before = await ip("-n", test2, "address", "show");
    await assert.rejects(
      lab.stack.up(),
      new RegExp(
        `network namespace ${test2}: exists already and does not belong to dockernet/${lab.name}; it was left`,
      ),
    );
    assert.equal(await ip("-n", test2, "address", "show"), before);
    await lab.stack.destroy();
    assert.deepEqual(await namespaces(lab), [test2]);
    await ip("netns", "delete", test2);
  });

  it("refuses an existing interface, does not change it, and creates no incomplete veth pair", async () => {
    await lab.stack.up();
    await ip("-n", test1, "link", "delete", "dev", "veth-test1");
    await ip("-n", test2, "link", "add", "veth-test2", "type", "veth", "peer", "name", "other");
    // Without its old state, the veth pair is created again.
    const { deployment, ...rest } = await lab.stack.exportStack();
    const resources = deployment.resources.filter(({ urn }: { urn: string }) => !urn.endsWith("Command::veth-test"));
    await lab.stack.importStack({ ...rest, deployment: { ...deployment, resources } });
    await assert.rejects(
      lab.stack.up(),
      new RegExp(`veth pair veth-test1, veth-test2: namespace ${test2} has an interface veth-test2 already`),
    );
    assert.match(await ip("-n", test2, "-o", "link", "show"), /veth-test2@other/);
    assert.doesNotMatch(await ip("-n", test1, "-o", "link", "show"), /veth/);
    await ip("-n", test2, "link", "delete", "dev", "other");
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
  });
});

describe("NetworkNamespace and VethPair in another program", function () {
  this.timeout(120_000);
  const work = mkdtempSync(join(tmpdir(), "dockernet-namespaces-"));
  const [left, right] = ["left", "right"].map((name) => `test-${randomBytes(4).toString("hex")}-${name}`) as [
    string,
    string,
  ];
  const host = { kind: "local" } as const;
  const program =
    (second: string, name: string): PulumiFn =>
    async () => {
      const [a, b] = [left, second].map(
        (each, i) => new NetworkNamespace(`end${i}`, { host, namespace: each, owner: left }),
      );
      if (!a || !b) return;
      new VethPair("cable", {
        host,
        ends: [
          { namespace: a.namespace, interface: name, address: "10.201.7.1/30" },
          { namespace: b.namespace, interface: "far", address: "10.201.7.2/30" },
        ],
      });
    };
  const interfaces = async (namespace: string) =>
    JSON.parse(await ip("-n", namespace, "-j", "link", "show")).map(({ ifname }: { ifname: string }) => ifname);
  const makeStack = async () =>
    testStack(
      await LocalWorkspace.createOrSelectStack(
        { stackName: "test", projectName: "namespaces", program: program(right, "near") },
        { workDir: work, envVars: { PULUMI_BACKEND_URL: `file://${work}`, PULUMI_CONFIG_PASSPHRASE: "test" } },
      ),
    );
  after(async () => {
    await (await makeStack()).destroy();
    rmSync(work, { recursive: true });
    assert.doesNotMatch(await ip("netns", "list"), new RegExp(left));
  });

  it("refuse a name that is too long in a preview, without a stack trace", async () => {
    const stack = await makeStack();
    await assert.rejects(stack.preview({ program: program(right, "sixteen-bytes-ab") }), (error: Error) => {
      assert.match(error.message, /expected an interface name of 1 to 15 bytes .*, got "sixteen-bytes-ab"/);
      assert.doesNotMatch(error.message, / at .*\.ts:\d+/);
      return true;
    });
  });

  it("replace the veth pair for a new name of an interface, and of a namespace", async () => {
    const stack = await makeStack();
    await stack.up();
    assert.deepEqual(await interfaces(left), ["lo", "near"]);
    await stack.up({ program: program(right, "nearer") });
    assert.deepEqual(
      [await interfaces(left), await interfaces(right)],
      [
        ["lo", "nearer"],
        ["lo", "far"],
      ],
    );
    await stack.up({ program: program(`${right}er`, "nearer") });
    assert.deepEqual(
      [await interfaces(left), await interfaces(`${right}er`)],
      [
        ["lo", "nearer"],
        ["lo", "far"],
      ],
    );
    assert.doesNotMatch(await ip("netns", "list"), new RegExp(`${right}( |$)`, "m"));
  });

  it("are not removed by a user who cannot see them", async () => {
    const script = readScript(new URL("../../components/network-namespace/namespace.sh", import.meta.url));
    const nobody = ["--reuid", "65534", "--clear-groups", "sh", "-c"];
    const down = run("setpriv", [...nobody, `NAME=${left} OWNER=${left}\n${script}\ndown`]);
    await assert.rejects(down, /only root can make or remove it, and this is nobody/);
    assert.deepEqual(await interfaces(left), ["lo", "nearer"]);
  });
});
