import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { run } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "./environment.ts";

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly inputs: { readonly networksAdvanced: readonly { readonly name: string }[] };
}

const UNCHANGED = /^(same|refresh)$/;

describe("an environment with the ports and counter labs", function () {
  this.timeout(180_000);
  let lab: Environment;
  const named = (base: string) => `dockernet-${lab.name}-${base}`;
  const visits = async () => {
    const { urls } = (await lab.stack.outputs()) as unknown as { urls: { value: { counter: string } } };
    const page = await (await fetch(urls.value.counter)).text();
    return Number(/seen (\d+) times/.exec(page)?.[1]);
  };

  before(async () => {
    lab = await makeEnvironment({ labs: ["ports", "counter"] });
    await lab.stack.up();
  });
  after(() => lab.remove());

  it("passes its checks", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 14);
  });

  it("carries its labels on everything", async () => {
    const bases = ["counter-net", "flask-redis", "ports-net", "redis", "redis-hits", "web", "web-unpublished"];
    assert.deepEqual(await lab.objects(), bases.map(named));
  });

  it("has the containers of each network leave it one after the other", async () => {
    const { deployment } = await lab.stack.exportStack();
    const resources = deployment.resources as Resource[];
    const ancestors = (urn: string): Set<string> => {
      const direct = resources.find((resource) => resource.urn === urn)?.dependencies ?? [];
      return new Set([...direct, ...direct.flatMap((each) => [...ancestors(each)])]);
    };
    const containers = resources.filter(({ type }) => type === "docker:index/container:Container");
    const networkOf = ({ inputs }: Resource) => inputs.networksAdvanced[0]?.name;
    assert.equal(containers.length, 4);
    for (const [index, one] of containers.entries()) {
      for (const other of containers.slice(index + 1).filter((each) => networkOf(each) === networkOf(one))) {
        assert.ok(
          ancestors(one.urn).has(other.urn) || ancestors(other.urn).has(one.urn),
          `${one.urn} and ${other.urn}`,
        );
      }
    }
  });

  it("shows no change in a second preview, with and without a refresh", async () => {
    for (const options of [{}, { refresh: true }]) await unchanged(lab, options);
  });

  it("changes nothing in a second up", async () => {
    const ids = () => run("docker", ["ps", "--no-trunc", "--quiet", "--filter", `label=dockernet.stack=${lab.name}`]);
    const before = await ids();
    await lab.stack.up();
    const kinds = Object.keys((await lab.stack.info())?.resourceChanges ?? {});
    assert.ok(kinds.length > 0 && kinds.every((kind) => UNCHANGED.test(kind)), kinds.join());
    assert.equal(await ids(), before);
  });

  it("responds like a production server: no debugger, not as root, and errors without details", async () => {
    const { urls } = (await lab.stack.outputs()) as unknown as { urls: { value: { counter: string } } };
    assert.equal((await fetch(new URL("console", urls.value.counter))).status, 404);
    assert.notEqual(await run("docker", ["exec", named("flask-redis"), "id", "-u"]), "0");
    await run("docker", ["pause", named("redis")]);
    try {
      const broken = await fetch(urls.value.counter);
      assert.equal(broken.status, 500);
      assert.doesNotMatch(await broken.text(), /Traceback|Werkzeug|redis/i);
    } finally {
      await run("docker", ["unpause", named("redis")]);
    }
  });

  it("keeps the hits when redis is killed, removed, and recreated", async () => {
    const before = await visits();
    await run("docker", ["rm", "--force", named("redis")]);
    await lab.stack.up({ refresh: true });
    assert.equal(await visits(), before + 1);
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("repairs removed and stopped objects with up --refresh, and reports until then what is broken", async () => {
    await run("docker", ["rm", "--force", named("web-unpublished")]);
    await run("docker", ["stop", named("flask-redis")]);
    assert.deepEqual(failures(await lab.verify()), [
      ...["6.1-ping", "6.1-http", "6.1-unpublished", "8.2-greeting", "8.3-env", "8.3-dns", "8.3-ping", "8.3-http"],
      ...["8.4-published", "8.4-counts"],
    ]);
    await lab.stack.up({ refresh: true });
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("detects a back end that was published, and a front end that was unpublished", async () => {
    const image = await run("docker", ["inspect", "--format", "{{.Image}}", named("redis")]);
    await run("docker", ["rm", "--force", named("redis"), named("web")]);
    const network = ["--network", named("counter-net"), "--network-alias", "redis"];
    await run("docker", ["run", "-d", "--name", named("redis"), "-p", "127.0.0.1::6379", ...network, image]);
    try {
      const failed = failures(await lab.verify());
      assert.ok(failed.includes("8.1-unpublished"), failed.join());
      assert.ok(failed.includes("6.2-published") && failed.includes("6.2-http"), failed.join());
      assert.ok(!failed.some((id) => id.startsWith("6.1")), failed.join());
    } finally {
      await run("docker", ["rm", "--force", named("redis")]);
      await lab.stack.up({ refresh: true });
    }
    assert.deepEqual(failures(await lab.verify()), []);
  });
});

describe("an environment whose port is taken", function () {
  this.timeout(180_000);
  let lab: Environment;
  let holder: Server;

  before(async () => {
    holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as { port: number };
    lab = await makeEnvironment({ labs: ["ports"], ports: { port } });
  });
  after(async () => {
    holder.close();
    await lab.remove();
  });

  it("names the holder and creates nothing, and comes up once the port is free", async () => {
    const taken = new RegExp(
      `environment dockernet/${lab.name}: port 127.0.0.1:\\d+ is taken by the process node \\(${process.pid}\\); choose`,
    );
    await assert.rejects(lab.stack.up(), taken);
    assert.deepEqual(await lab.objects(), []);
    await new Promise((resolve) => holder.close(resolve));
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
    await unchanged(lab);
  });
});

describe("an environment with wrong settings", function () {
  this.timeout(60_000);
  let lab: Environment;
  before(async () => {
    lab = await makeEnvironment();
  });
  after(() => lab.remove());

  const wrong: readonly [settings: Record<string, unknown>, message: RegExp][] = [
    [{ prots: { port: 80 } }, /prots: no such setting/],
    [{ ports: { subnet: "10.0.0.0/24", gateway: "10.9.0.1" } }, /ports\.gateway: expected a host of 10\.0\.0\.0\/24/],
    [{ ports: { port: 8080 }, counter: { port: 8080 } }, /counter\.port: 8080 is ports\.port already/],
    [{ ports: { port: "http" } }, /ports\.port: expected a whole number, got "http"/],
    [{ labs: "ports" }, /labs/],
  ];
  for (const [settings, message] of wrong) {
    it(`reports them and creates nothing: ${JSON.stringify(settings)}`, async () => {
      lab.settle(settings);
      await assert.rejects(lab.stack.up(), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, / at .*\.ts:\d+/, "a settings error has no stack trace");
        return true;
      });
      assert.deepEqual(await lab.objects(), []);
    });
  }
});
