import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { hostAddress, subBlock } from "../../../components/lib/cidr.ts";
import { defaultPort, defaultSubnet } from "../../../components/lib/identity.ts";
import { explain } from "../../../lab/commands/explain/explain.ts";
import { here } from "../../../lab/host/sessions.ts";
import { keysAt } from "../../../stacks/settings.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { run } from "../../../toolchain/run.ts";
import { makeClone } from "../../clone.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "../environment.ts";
import { LABS, sharedEnvironment } from "./environment.ts";

const ALL = { labs: LABS };
const twiceUnchanged = async (lab: Environment) => {
  for (const options of [{}, { refresh: true }]) await unchanged(lab, options);
};

describe("two environments with all single-host labs, and a third that conflicts with them", function () {
  this.timeout(300_000);
  let one: Environment;
  let two: Environment;

  before(async () => {
    one = await sharedEnvironment();
    two = await makeEnvironment(ALL);
  });
  after(() => two.remove());
  const ports = async () => {
    const links = JSON.parse(await run("ip", ["-j", "link", "show", "master", "docker0"])) as { ifname: string }[];
    return links.map(({ ifname }) => ifname);
  };

  it("the first passes its checks, and a second preview shows no change", async () => {
    assert.deepEqual(failures(await one.verify()), []);
    await twiceUnchanged(one);
  });

  it("another clone with the same backend shows no change", async () => {
    const { folder, remove } = await makeClone();
    try {
      // Git ignores the settings of tests.
      const settings = join("stacks", `Pulumi.${one.name}.yaml`);
      copyFileSync(join(PROJECT, settings), join(folder, settings));
      const preview = ["preview", "--expect-no-changes", "--non-interactive", "--stack", one.name];
      await run("pulumi", preview, { cwd: folder, env: one.env });
    } finally {
      remove();
    }
  });

  it("lab explain describes its objects, and the results of ping and TCP connections to them", async () => {
    const outputs = await one.outputs();
    const tell = async (object: string, port = 80) => (await explain(one.name, outputs, object, port)).text;
    const web = await tell("web-unpublished");
    assert.match(web, /the other end of its cable, a port of br-\w+\n/);
    assert.match(web, /^Meaning: +the host is reachable, the port is open$/m);
    assert.match(await tell("web-unpublished", 81), /^Meaning: +the host is reachable, the port is closed$/m);
    assert.match(await tell("web"), /^Published: +127\.0\.0\.1:\d+->80\/tcp$/m);
    assert.match(await tell("test10"), /a loopback and nothing else: no way in or out/);
    assert.match(await tell("test11"), /has the network of this host itself/);
    assert.match(
      await tell("test1"),
      /^Interface: +veth-test1 up 192\.168\.1\.1\/24, whose other end is veth-test2 in the namespace \S+-test2$/m,
    );
    const address =
      Object.values((await here().containers()).get(`dockernet-${one.name}-test5`)?.addresses ?? {})[0] ?? "";
    assert.match(await tell(address), /^Owner: +the container \S+-test5 on this host, by the network bridge$/m);
    assert.match(await tell("127.0.0.1"), /^127\.0\.0\.1 is a loopback address/);
    await assert.rejects(tell("no-such-thing"), /has no object no-such-thing; .* an object is \[KIND:\]NAME/);
  });

  it("the second comes up beside it, and neither affects the other", async () => {
    const before = await one.objects();
    await two.stack.up();
    // A change makes the reservation check again; the environment's own containers do not conflict, published or not.
    two.settle({ ...ALL, links: { subnet: "10.127.255.0/24" } });
    await two.stack.up();
    for (const each of [two, one]) assert.deepEqual(failures(await each.verify()), []);
    assert.deepEqual(await one.objects(), before);
    assert.equal((await two.objects()).length, before.length);
  });

  it("a third with overlapping settings is refused with the holder's name, and creates nothing", async () => {
    const subnet = await run("docker", [
      ...["network", "inspect", "--format", "{{range .IPAM.Config}}{{.Subnet}}{{end}}"],
      `dockernet-${one.name}-links-net`,
    ]);
    const third = await makeEnvironment({ labs: ["bridge"], bridge: { outside: subnet.replace("/24", "/30") } });
    try {
      await assert.rejects(third.stack.up(), (error: Error) => {
        assert.ok(
          error.message.includes(
            `${subnet.replace("/24", "/30")} overlaps the network dockernet-${one.name}-links-net (${subnet}) of ` +
              `environment dockernet/${one.name}; choose another in its settings`,
          ),
          error.message,
        );
        return true;
      });
      assert.deepEqual(await third.objects(), []);
    } finally {
      await third.remove();
    }
  });

  it("removing a container on docker0 removes exactly one of its ports", async () => {
    const before = await ports();
    await run("docker", ["stop", `dockernet-${two.name}-test6`]);
    const left = await ports();
    assert.deepEqual(
      left,
      before.filter((port) => left.includes(port)),
    );
    assert.equal(left.length, before.length - 1);
    await run("docker", ["start", `dockernet-${two.name}-test6`]);
  });

  it("the second is destroyed, and the first is unchanged", async () => {
    await two.stack.destroy();
    assert.deepEqual(await two.objects(), []);
    assert.deepEqual(failures(await one.verify()), []);
  });

  /** Another value for each setting of the single-host labs except the host of the namespaces. */
  const others = () => {
    const identity = { project: "dockernet", stack: one.name };
    const network = (share: number) => {
      const subnet = defaultSubnet(identity, share);
      return { subnet, gateway: hostAddress(subnet, 9) };
    };
    return {
      ports: { ...network(8), port: defaultPort(identity, 8) },
      counter: { ...network(9), port: defaultPort(identity, 9) },
      bridge: { ...network(10), outside: subBlock(defaultSubnet(identity, 11), 30, 1) },
      links: network(12),
      isolation: { port: defaultPort(identity, 10) },
      namespaces: { addresses: ["192.168.7.1/24", "192.168.7.2/24"] },
    };
  };

  it("the first passes its checks after a change of each of its settings, and after they change back", async () => {
    const changes = Object.entries(others());
    for (const [name, values] of changes) {
      const keys = keysAt([name]).filter((key) => key !== "host");
      assert.deepEqual(Object.keys(values).sort(), keys.sort(), name);
    }
    const green = async (settings: Readonly<Record<string, unknown>>) => {
      one.settle({ ...ALL, ...settings });
      await one.stack.up();
      assert.deepEqual(failures(await one.verify()), []);
      await twiceUnchanged(one);
    };
    const some = fc.tuple(fc.subarray(changes, { minLength: 1 }), fc.constantFrom("127.0.0.1", "0.0.0.0"));
    const changed = fc.asyncProperty(some, ([chosen, publishAddress]) =>
      green({ ...Object.fromEntries(chosen), publishAddress }),
    );
    await fc.assert(changed, { numRuns: 1, endOnFailure: true });
    await green({});
  });
});
