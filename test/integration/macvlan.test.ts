import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { interfaceName, ownerOf } from "../../components/lib/identity.ts";
import { explain, explainWay } from "../../lab/commands/explain/explain.ts";
import type { Outputs } from "../../lab/state/outputs.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { accusations } from "./accusations.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "./environment.ts";
import { shownAsPrinted } from "./lesson.ts";

describe("an environment with the macvlan lab", function () {
  this.timeout(180_000);
  let lab: Environment;
  let outputs: Outputs;
  let parent: string;
  let owner: string;
  const named = (base: string) => `dockernet-${lab.name}-${base}`;
  const inspect = (base: string, format: string) => run("docker", ["inspect", "--format", format, named(base)]);
  /** Runs a command as root in a container's network namespace. */
  const inside = async (base: string, ...command: string[]) =>
    run("nsenter", ["--net", "--target", await inspect(base, "{{.State.Pid}}"), ...command]);
  const tell = async (object: string) => (await explain(lab.name, outputs, object, 80)).text;
  /** Waits until exactly the wanted checks fail, at most 60 seconds; returns those that fail. */
  const settled = async (wanted: readonly string[]) => {
    let found = failures(await lab.verify());
    for (const end = Date.now() + 60_000; Date.now() < end && found.join() !== wanted.join(); await sleep(500)) {
      found = failures(await lab.verify());
    }
    return found;
  };
  const links = async () => {
    const all = JSON.parse(await run("ip", ["-j", "link", "show"])) as { ifname: string; ifalias?: string }[];
    return all.filter(({ ifname }) => ifname === parent);
  };

  before(async () => {
    lab = await makeEnvironment({ labs: ["macvlan"] });
    const identity = { project: "dockernet", stack: lab.name };
    [parent, owner] = [interfaceName(identity, "veth-lan"), ownerOf(identity)];
    await lab.stack.up();
    outputs = await lab.outputs();
  });
  after(async () => {
    await lab.remove();
    // The kernel deletes a namespace, with its end of the veth pair, some time after its last process has exited.
    for (const end = Date.now() + 10_000; Date.now() < end && (await links()).length > 0; await sleep(100));
    assert.deepEqual(await links(), []);
  });

  it("passes its checks, and a second preview shows no change", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 20);
    for (const options of [{}, { refresh: true }]) await unchanged(lab, options);
  });

  it("creates one interface on the host, with the owner as its alias, and each container's MAC address is another one", async () => {
    assert.deepEqual(
      (await links()).map(({ ifalias }) => ifalias),
      [owner],
    );
    const macs = await Promise.all(
      ["mac1", "mac2"].map((base) => run("docker", ["exec", named(base), "cat", "/sys/class/net/eth0/address"])),
    );
    macs.push(await run("cat", [`/sys/class/net/${parent}/address`]));
    assert.equal(new Set(macs).size, 3);
  });

  it("lab explain describes its network, container and ways, and reports no fault for any object", async () => {
    assert.deepEqual(await accusations(lab.name, outputs), []);
    assert.match(await tell("macvlan-net"), new RegExp(`^Parent: +${parent} up .*, veth; it does not talk`, "m"));
    assert.match(
      await tell("mac1"),
      /its parent on this host, by which frames leave with the container's own MAC address/,
    );
    const way = async (from: string, to: string) => (await explainWay(lab.name, outputs, from, to)).text;
    assert.match(await way("mac1", "mac2"), new RegExp(`macvlan interface on ${parent}`));
    assert.match(await way("mac1", "lan"), new RegExp(`LAN of ${parent}`));
    assert.match(await way("host", "mac1"), new RegExp(`does not reach the containers .* its parent ${parent}`));
  });

  it("reports an interface in another mode, by its cause, and no other check", async () => {
    await inside("mac1", "ip", "link", "set", "dev", "eth0", "type", "macvlan", "mode", "private");
    assert.deepEqual(failures(await lab.verify()).sort(), ["10.1-mac-mac1", "10.2-ping-mac1", "10.2-ping-mac2"]);
    assert.match(
      await tell("10.2-ping-mac2"),
      /eth0 in the container \S+-mac1 is in macvlan mode private, the network/,
    );
    await inside("mac1", "ip", "link", "set", "dev", "eth0", "type", "macvlan", "mode", "bridge");
    assert.deepEqual(await settled([]), []);
  });

  it("reports that the source address of a container is translated, and no other check", async () => {
    const address = await inspect("mac1", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    // The address stays on eth0; packets to the LAN get another source address.
    const other = address.replace(/\d+$/, "140");
    const block = address.replace(/\d+$/, "0/24");
    await inside("mac1", "ip", "address", "add", `${other}/32`, "dev", "eth0");
    await inside("mac1", "ip", "route", "replace", block, "dev", "eth0", "scope", "link", "src", other);
    assert.deepEqual(failures(await lab.verify()).sort(), ["10.1-address-mac1", "10.3-source-mac1"]);
    await inside("mac1", "ip", "route", "replace", block, "dev", "eth0", "scope", "link", "src", address);
    await inside("mac1", "ip", "address", "delete", `${other}/32`, "dev", "eth0");
    assert.deepEqual(await settled([]), []);
  });

  it("reports interfaces that went with their parent, and is repaired by a restart of their containers", async () => {
    await run("docker", ["restart", named("lan")]);
    const lost = ["mac1", "mac2"].flatMap((base) => [
      ...["10.1-address", "10.1-mac", "10.2-ping", "10.3-ping", "10.3-source"].map((id) => `${id}-${base}`),
    ]);
    const found = failures(await lab.verify());
    assert.deepEqual(
      lost.filter((id) => !found.includes(id)),
      [],
    );
    assert.match(
      await tell("mac1"),
      /the container \S+-mac1 has no macvlan interface with its address .* on the network/,
    );
    await run("docker", ["restart", named("mac1"), named("mac2")]);
    assert.deepEqual(await settled([]), []);
    await unchanged(lab);
  });

  it("reports a host that reaches a container by a macvlan interface of its own, and which interface that is", async () => {
    const [shim, address] = [
      `shim-${lab.name.slice(-6)}`,
      await inspect("mac1", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"),
    ];
    await run("ip", ["link", "add", shim, "link", parent, "type", "macvlan", "mode", "bridge"]);
    try {
      await run("ip", ["link", "set", "dev", shim, "up"]);
      await run("ip", ["route", "add", `${address}/32`, "dev", shim, "src", address.replace(/\d+$/, "1")]);
      assert.deepEqual(failures(await lab.verify()).sort(), ["10.4-apart-mac1", "10.4-back-mac1"]);
      assert.match(
        await tell("10.4-apart-mac1"),
        new RegExp(`this host has a macvlan interface ${shim} of its own on`),
      );
    } finally {
      await attempt("ip", ["link", "delete", shim]);
    }
    assert.deepEqual(await settled([]), []);
  });

  it("docs/macvlan.md shows what its commands print", () => shownAsPrinted("macvlan", lab));

  it("is replaced as a whole if the machine that keeps the parent is", async () => {
    const before = await inspect("mac1", "{{.Id}}");
    await lab.stack.up({ replace: ["**/container:Container::lan"] });
    assert.deepEqual(await settled([]), []);
    assert.notEqual(await inspect("mac1", "{{.Id}}"), before);
    await unchanged(lab);
  });
});
