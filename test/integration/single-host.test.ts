import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { explain } from "../../lab/explain/explain.ts";
import { here } from "../../lab/machine.ts";
import { run } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment } from "./environment.ts";

const ALL = { labs: ["namespaces", "bridge", "links", "ports", "isolation", "counter"] };
const unchanged = async (lab: Environment) => {
  for (const options of [{}, { refresh: true }]) {
    const { changeSummary } = await lab.stack.preview(options);
    assert.deepEqual(Object.keys(changeSummary), ["same"], JSON.stringify(changeSummary));
  }
};

describe("two environments with all single-host labs, and a third in their way", function () {
  this.timeout(300_000);
  let one: Environment;
  let two: Environment;

  before(async () => {
    one = await makeEnvironment(ALL);
    two = await makeEnvironment(ALL);
    await one.stack.up();
  });
  after(async () => {
    await two.remove();
    await one.remove();
  });
  const ports = async () => {
    const links = JSON.parse(await run("ip", ["-j", "link", "show", "master", "docker0"])) as { ifname: string }[];
    return links.map(({ ifname }) => ifname);
  };

  it("the one does what its labs say, and a second preview shows no change", async () => {
    assert.deepEqual(failures(await one.verify()), []);
    await unchanged(one);
  });

  it("lab explain tells what its objects are, and what ping and a TCP connection say of them", async () => {
    const outputs = await one.outputs();
    const tell = (object: string, port = 80) => explain(one.name, outputs, object, port);
    const web = await tell("web-unpublished");
    assert.match(web, /the other end of its cable, a port of br-\w+\n/);
    assert.match(web, /^together +the machine is reachable, and the service is there$/m);
    assert.match(
      await tell("web-unpublished", 81),
      /^together +the machine is reachable, and nobody listens on that port$/m,
    );
    assert.match(await tell("web"), /^published +127\.0\.0\.1:\d+->80\/tcp$/m);
    assert.match(await tell("test10"), /a loopback and nothing else: no way in or out/);
    assert.match(await tell("test11"), /has the network of this machine itself/);
    assert.match(
      await tell("test1"),
      /^interface +veth-test1 up 192\.168\.1\.1\/24, whose other end is veth-test2 in the namespace \S+-test2$/m,
    );
    const address =
      Object.values((await here().containers()).get(`dockernet-${one.name}-test5`)?.addresses ?? {})[0] ?? "";
    assert.match(await tell(address), /^holder +the container \S+-test5 on this machine, by the network bridge$/m);
    assert.match(await tell("127.0.0.1"), /^127\.0\.0\.1 is a loopback address/);
    await assert.rejects(tell("no-such-thing"), /has no object no-such-thing; .* an object is \[KIND:\]NAME/);
  });

  it("the other comes up beside it, and neither is touched by the other", async () => {
    const before = await one.objects();
    await two.stack.up();
    // A change has the claim look again, and what the environment itself holds is no obstacle, published or not.
    two.settle({ ...ALL, links: { subnet: "10.127.255.0/24" } });
    await two.stack.up();
    for (const each of [two, one]) assert.deepEqual(failures(await each.verify()), []);
    assert.deepEqual(await one.objects(), before);
    assert.equal((await two.objects()).length, before.length);
  });

  it("a third whose settings overlap is refused with the holder's name, and nothing is made", async () => {
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

  it("removing a container of docker0 removes exactly one of its ports", async () => {
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

  it("the other goes, and leaves the one as it was", async () => {
    await two.stack.destroy();
    assert.deepEqual(await two.objects(), []);
    assert.deepEqual(failures(await one.verify()), []);
  });
});

describe("a link", function () {
  this.timeout(180_000);
  const shim = mkdtempSync(join(tmpdir(), "dockernet-shim-"));
  let lab: Environment;
  before(async () => {
    lab = await makeEnvironment({ labs: ["links"] });
  });
  after(async () => {
    await lab.remove();
    rmSync(shim, { recursive: true });
  });
  const name = (base: string) => `dockernet-${lab.name}-${base}`;
  const id = (base: string) => run("docker", ["inspect", "--format", "{{.Id}}", name(base)]);

  it("is refused with the reason on an engine that has none", async () => {
    const path = process.env.PATH;
    writeFileSync(
      join(shim, "docker"),
      '#!/bin/sh\n[ "$1" = version ] && echo 30.0.1 && exit\nexec /usr/bin/docker "$@"\n',
      {
        mode: 0o755,
      },
    );
    process.env.PATH = [shim, path].join(delimiter);
    try {
      const reason = new RegExp(`container ${name("test8")}: Docker engine 30.0.1 has no links on the default bridge`);
      await assert.rejects(lab.stack.up(), reason);
    } finally {
      process.env.PATH = path;
    }
    await assert.rejects(id("test8"));
  });

  it("leaves a container of somebody else's with that name alone", async () => {
    const image = await run("docker", ["inspect", "--format", "{{.Image}}", name("test7")]);
    await run("docker", ["create", "--name", name("test8"), image]);
    const foreign = await id("test8");
    await assert.rejects(lab.stack.up(), /exists already and is not this environment's; it was left as it is/);
    assert.equal(await id("test8"), foreign);
    await run("docker", ["rm", name("test8")]);
  });

  it("is made, stays in a second up, and is made anew when the other container is", async () => {
    await lab.stack.up();
    const first = await id("test8");
    await unchanged(lab);
    await lab.stack.up();
    assert.equal(await id("test8"), first);
    await run("docker", ["rm", "--force", name("test7")]);
    await lab.stack.up({ refresh: true });
    assert.notEqual(await id("test8"), first);
    assert.deepEqual(failures(await lab.verify()), []);
  });
});
