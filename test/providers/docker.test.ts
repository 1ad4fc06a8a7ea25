import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { engineHost } from "../../toolchain/engine.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { VERSIONS } from "../../toolchain/versions.ts";
import { conforms, declared, type Schema, specified } from "./dockerShape.ts";
import { type BuiltProvider, bringProvider } from "./harness.ts";

describe("the source-built docker provider", function () {
  this.timeout(120_000);

  const prefix = `dockernet-docker-${randomBytes(4).toString("hex")}`;
  const image = `${prefix}:1`;
  const subnet = (host: string) => `10.${SECOND_BYTE}.${THIRD_BYTE}.${host}`;
  const work = join(tmpdir(), prefix);
  let provider: BuiltProvider;

  before(async function () {
    this.timeout(900_000);
    provider = await bringProvider("docker", `v${VERSIONS.docker}`, prefix);
    await makeImage(work, image);
  });

  after(async () => {
    const mine = (await run("docker", ["ps", "--all", "--quiet", "--filter", `name=${prefix}`])).split("\n");
    await attempt("docker", ["rm", "--force", "--volumes", ...mine]);
    for (const kind of ["network", "volume"]) {
      const left = await run("docker", [kind, "ls", "--quiet", "--filter", `name=${prefix}`]);
      await attempt("docker", [kind, "rm", ...left.split("\n")]);
    }
    for (const filter of [`label=of=${prefix}`, `reference=${prefix}*`]) {
      const left = await run("docker", ["image", "ls", "--quiet", "--filter", filter]);
      await attempt("docker", ["image", "rm", "--force", ...left.split("\n")]);
    }
    provider.close();
  });

  const makeStack = (name: string): Promise<Stack> => provider.makeStack(name);

  const inspect = async (name: string, format: string): Promise<string> =>
    run("docker", ["inspect", "--format", format, name]);

  describe("has the interface of the SDK", () => {
    let schema: Schema;

    before(async () => {
      schema = JSON.parse(await provider.schema());
    });

    it("reports the version of the npm package", () => {
      assert.deepEqual([schema.name, schema.version], ["docker", VERSIONS.docker]);
    });

    for (const name of ["Container", "Network", "RemoteImage", "Volume"]) {
      it(`${name}: the same names and types, and no additional ones`, () => {
        const module = name.charAt(0).toLowerCase() + name.slice(1);
        const spec = schema.resources[`docker:index/${module}:${name}`];
        conforms(
          specified(schema, spec?.inputProperties, spec?.requiredInputs),
          declared(`${module}.d.ts`, `${name}Args`, "types/input.d.ts"),
        );
        conforms(
          // Inputs and outputs share the types of nested values, so required outputs are not distinguished.
          specified(schema, spec?.properties, spec?.required),
          declared(`${module}.d.ts`, name, "types/output.d.ts"),
          (key) => !key.includes("."),
        );
      });
    }

    it("Provider: the same names and types, and no additional ones", () => {
      conforms(
        specified(schema, schema.provider.inputProperties),
        declared("provider.d.ts", "ProviderArgs", "types/input.d.ts"),
      );
    });

    for (const name of ["getNetwork", "getRemoteImage"]) {
      it(`${name}: the same names and types, and no additional ones`, () => {
        const { inputs, outputs } = schema.functions[`docker:index/${name}:${name}`] ?? {};
        const type = name.charAt(0).toUpperCase() + name.slice(1);
        conforms(
          specified(schema, inputs?.properties, inputs?.required),
          declared(`${name}.d.ts`, `${type}Args`, "types/input.d.ts"),
        );
        conforms(
          specified(schema, outputs?.properties, outputs?.required),
          declared(`${name}.d.ts`, `${type}Result`, "types/output.d.ts"),
          (key) => !key.includes("."),
        );
      });
    }

    it("refuses properties that only the SDK has, at any level", async () => {
      const stack = await makeStack("refused");
      const refusal = (of: string, property: string) =>
        `${of}: property "${property}" is not available in the docker provider built from source, ` +
        "which stands on terraform-provider-docker 2.23.0";
      const program = async () => {
        new docker.Container("c", {
          image: "none",
          cgroupnsMode: "private",
          networksAdvanced: [{ name: "a" }, { name: "b", macAddress: "02:00:00:00:00:01" }],
        });
      };
      const words = await failure(stack.preview({ program }));
      assert.ok(words.includes(refusal("docker:index/container:Container", "cgroupnsMode")), words);
      assert.ok(words.includes(refusal("docker:index/container:Container", "networksAdvanced[1].macAddress")), words);

      const context = async () => {
        const other = new docker.Provider("p", {
          context: "other",
          registryAuth: [{ address: "a", authDisabled: true }],
        });
        new docker.Network("n", {}, { provider: other });
      };
      const configuration = await failure(stack.preview({ program: context }));
      assert.ok(configuration.includes(refusal("pulumi:providers:docker", "context")), configuration);
      assert.ok(
        configuration.includes(refusal("pulumi:providers:docker", "registryAuth[0].authDisabled")),
        configuration,
      );
    });
  });

  describe("manages a container with all of its properties through its life", () => {
    const name = (suffix: string) => `${prefix}-${suffix}`;
    const password = randomBytes(12).toString("hex");
    const checked = (retries: number) => ({
      tests: ["CMD", "wget", "-qO", "/dev/null", "http://127.0.0.1:8080/page"],
      interval: "1s",
      retries,
    });
    let stack: Stack;

    const lab =
      (changes: Partial<docker.ContainerArgs> = {}): PulumiFn =>
      async () => {
        const labels = [{ label: "of", value: prefix }];
        const network = new docker.Network("network", {
          name: name("network"),
          ipamConfigs: [{ subnet: `${subnet("0")}/24`, gateway: subnet("1"), auxAddress: { router: subnet("2") } }],
          labels,
        });
        const second = new docker.Network(name("second"), { internal: true });
        const volume = new docker.Volume("volume", { name: name("volume"), labels });
        const { imageId } = new docker.RemoteImage("image", { name: image, keepLocally: true });
        const web = new docker.Container("web", {
          name: name("web"),
          image: imageId,
          command: ["httpd", "-f", "-p", "8080", "-h", "/srv"],
          networksAdvanced: [{ name: network.name, aliases: ["web"], ipv4Address: subnet("10") }, { name: second.id }],
          ports: [{ internal: 8080, ip: "127.0.0.1" }],
          uploads: [{ file: "/srv/page", content: "hello" }],
          volumes: [{ containerPath: "/data", volumeName: volume.name }],
          mounts: [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { sizeBytes: 65536 } }],
          tmpfs: { "/run": "exec" },
          capabilities: { adds: ["NET_ADMIN"], drops: ["MKNOD"] },
          devices: [{ hostPath: "/dev/zero", containerPath: "/dev/nought" }],
          sysctls: { "net.ipv4.ip_forward": "1" },
          envs: ["PLAIN=plain", pulumi.secret(`PASSWORD=${password}`)],
          healthcheck: checked(3),
          wait: true,
          labels,
          ...changes,
        });
        new docker.Container("plain", { name: name("plain"), image: imageId, destroyGraceSeconds: 1 });
        return { id: web.id, port: web.ports.apply((ports) => ports?.[0]?.external), networks: web.networkDatas };
      };

    before(async () => {
      stack = await makeStack("life");
    });

    const page = async () => {
      const { port } = await stack.outputs();
      return (await fetch(`http://127.0.0.1:${port?.value}/page`)).text();
    };
    const state = async (container: string) =>
      JSON.parse(await inspect(name(container), '{"id": "{{.Id}}", "running": {{.State.Running}}}'));

    it("is up when it is healthy, and shows no change", async () => {
      const { summary, outputs } = await stack.up({ program: lab() });
      assert.deepEqual(summary.resourceChanges, { create: 7 });
      assert.equal(await page(), "hello");
      const [first, second] = outputs.networks?.value ?? [];
      assert.equal(first.networkName, name("network"));
      assert.equal(first.ipAddress, subnet("10"));
      assert.match(first.macAddress, /^02:42:/);
      assert.match(second.networkName, new RegExp(`^${name("second")}-[0-9a-f]{7}$`));
      await stack.preview({ program: lab(), expectNoChanges: true });
      await stack.preview({ program: lab(), expectNoChanges: true, refresh: true });
    });

    it("keeps a secret out of the state, and passes it to the container", async () => {
      const text = readFileSync(join(work, ".pulumi", "stacks", "docker-provider", "life.json"), "utf8");
      assert.ok(text.includes(name("web")));
      assert.equal(text.includes(password), false);
      assert.ok((await inspect(name("web"), "{{.Config.Env}}")).includes(`PASSWORD=${password}`));
    });

    it("is changed in place if the engine can do that", async () => {
      const before = await state("web");
      const { summary } = await stack.up({ program: lab({ memory: 64, memorySwap: 128, restart: "unless-stopped" }) });
      assert.deepEqual(summary.resourceChanges, { same: 6, update: 1 });
      assert.equal((await state("web")).id, before.id);
      assert.equal(
        await inspect(name("web"), "{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}"),
        "67108864 unless-stopped",
      );
    });

    it("is replaced if it cannot, the old one first", async () => {
      const before = await state("web");
      const { summary } = await stack.up({ program: lab({ healthcheck: checked(5) }) });
      assert.deepEqual(summary.resourceChanges, { same: 6, replace: 1 });
      assert.notEqual((await state("web")).id, before.id);
    });

    const drifted = () => lab({ healthcheck: checked(5) });

    it("is started again after it was stopped by hand", async () => {
      const before = await state("web");
      await run("docker", ["stop", "--time", "0", name("web")]);
      const { summary } = await stack.up({ program: drifted(), refresh: true });
      assert.deepEqual(summary.resourceChanges, { same: 6, update: 1 });
      assert.deepEqual(await state("web"), before);
      assert.equal(await page(), "hello");
      await stack.preview({ program: drifted(), expectNoChanges: true });
    });

    it("is recreated after it was removed by hand", async () => {
      await run("docker", ["rm", "--force", name("web"), name("plain")]);
      await run("docker", ["volume", "rm", name("volume")]);
      await run("docker", ["network", "rm", name("network")]);
      const { summary } = await stack.up({ program: drifted(), refresh: true });
      assert.deepEqual(summary.resourceChanges, { same: 3, create: 4 });
      assert.equal(await page(), "hello");
    });

    it("is destroyed without a refresh if parts are already gone", async () => {
      await run("docker", ["rm", "--force", name("web")]);
      const { summary } = await stack.destroy();
      assert.deepEqual(summary.resourceChanges, { delete: 7 });
      assert.equal(await run("docker", ["ps", "--all", "--quiet", "--filter", `name=${prefix}`]), "");
      assert.equal(await run("docker", ["network", "ls", "--quiet", "--filter", `name=${prefix}`]), "");
      assert.equal(await run("docker", ["volume", "ls", "--quiet", "--filter", `name=${prefix}`]), "");
      assert.notEqual(await run("docker", ["image", "ls", "--quiet", image]), "");
    });
  });

  it("leaves nothing behind of a container that did not start", async () => {
    const stack = await makeStack("failing");
    const attempts: [Partial<docker.ContainerArgs>, RegExp][] = [
      [{ command: ["/no/such/program"] }, /Unable to start container: .*\/no\/such\/program/],
      [{ wait: true }, /wait: neither the container nor its image has a health check/],
      [
        {
          command: ["sh", "-c", "echo no luck; sleep 1; exit 7"],
          wait: true,
          healthcheck: { tests: ["CMD", "false"] },
        },
        /container exited with code 7 before it was healthy; its last output:\s+no luck/,
      ],
      [
        { wait: true, waitTimeout: 2, healthcheck: { tests: ["CMD", "false"], interval: "1s" } },
        /container was not healthy within 2s/,
      ],
    ];
    const lab = (args: Partial<docker.ContainerArgs>) => async () => {
      new docker.Container("c", { name: `${prefix}-failing`, image, ...args });
    };
    for (const [args, words] of attempts) {
      assert.match(await failure(stack.up({ program: lab(args) })), words);
      assert.equal(await run("docker", ["ps", "--all", "--quiet", "--filter", `name=${prefix}`]), "");
    }
    await stack.up({ program: lab({}) });
    await stack.destroy();
  });

  it("builds an image from a folder, and again when its triggers change", async () => {
    const stack = await makeStack("building");
    const name = `${prefix}-built:1`;
    const context = join(work, "context");
    mkdirSync(context);
    const dockerfile = "ARG BASE\nFROM $BASE\nARG SUFFIX\nCOPY word /srv/\nRUN echo $SUFFIX >>/srv/word\n";
    writeFileSync(join(context, "Dockerfile"), dockerfile);
    const word = (text: string) => async () => {
      writeFileSync(join(context, "word"), text);
      const build = { context, buildArgs: { BASE: image, SUFFIX: "suffix" }, label: { of: prefix } };
      // Without keepLocally, deleting the old image would remove the tag from the new one.
      const built = new docker.RemoteImage("image", { name, build, triggers: { text }, keepLocally: true });
      return { id: built.imageId };
    };
    for (const text of ["first", "second"]) {
      const { outputs } = await stack.up({ program: word(text) });
      assert.equal(await inspect(name, "{{.Id}} {{.Config.Labels.of}}"), `${outputs.id?.value} ${prefix}`);
      assert.equal(await run("docker", ["run", "--rm", name, "busybox", "cat", "/srv/word"]), `${text}suffix`);
      await stack.preview({ program: word(text), expectNoChanges: true, refresh: true });
    }
    await stack.destroy();
  });

  it("imports an existing network and container", async () => {
    const stack = await makeStack("importing");
    const name = `${prefix}-taken-over`;
    const network = await run("docker", ["network", "create", "--label", "a=b", name]);
    const container = await run("docker", ["run", "--detach", "--name", name, "--hostname", "host", image]);
    const lab = (take: boolean) => async () => {
      const imported = (id: string) => (take ? { import: id } : {});
      new docker.Network("network", { name, labels: [{ label: "a", value: "b" }] }, imported(network));
      const { imageId } = new docker.RemoteImage("image", { name: image, keepLocally: true });
      new docker.Container("container", { name, image: imageId, hostname: "host" }, imported(container));
    };
    const { summary } = await stack.up({ program: lab(true) });
    assert.deepEqual(summary.resourceChanges, { create: 2, import: 2 });
    await stack.preview({ program: lab(false), expectNoChanges: true });
    assert.equal(await inspect(name, "{{.Id}}"), container);
    await stack.destroy();
  });

  it("does not treat an engine that fails as a missing network", async () => {
    const stack = await makeStack("outage");
    const engine = await startEngineProxy(join(work, "engine.sock"));
    try {
      const program = async () => {
        const there = new docker.Provider("engine", { host: `unix://${engine.socket}`, sshOpts: ["-4"] });
        new docker.Network("network", { name: `${prefix}-outage` }, { provider: there });
      };
      await stack.up({ program });
      engine.failing = true;
      assert.match(await failure(stack.refresh()), /Unable to inspect network: .*out of order/);
      assert.match(await failure(stack.destroy()), /out of order/);
      engine.failing = false;
      await stack.preview({ program, expectNoChanges: true, refresh: true });
      await stack.destroy();
    } finally {
      engine.close();
    }
  });
});

// Outside of Docker's default pools (172.17 to 172.31, 192.168) and of other runs.
const [SECOND_BYTE, THIRD_BYTE] = [randomInt(200, 250), randomInt(256)];

/** The user's output of a failed operation. */
const failure = async (operation: Promise<unknown>): Promise<string> => {
  const error = await operation.then(
    () => assert.fail("it did not fail"),
    (reason: Error) => reason,
  );
  return error.message.replaceAll(/\s+/g, " ");
};

/** An image with only busybox, which sleeps by default. */
async function makeImage(work: string, image: string): Promise<void> {
  await run("apt-get", ["download", "-qq", "busybox-static"], { cwd: work });
  const script = `
    dpkg-deb --fsys-tarfile busybox-static_*.deb | tar --extract --strip-components 2 ./bin/busybox
    mkdir -p root/bin root/srv
    mv busybox root/bin/
    for applet in sh httpd wget sleep; do ln -s busybox "root/bin/$applet"; done
    tar --create --directory root . | docker import --change 'CMD ["sleep", "infinity"]' - "$1"`;
  await run("sh", ["-euc", script, "sh", image], { cwd: work });
}

/** A proxy for the engine on a separate socket, which can fail requests about networks. */
async function startEngineProxy(socket: string) {
  const engine = { socket, failing: false, close: () => server.close() };
  const socketPath = (await engineHost()).replace("unix://", "");
  const server = createServer((incoming, outgoing) => {
    if (engine.failing && incoming.url?.includes("/networks/")) {
      outgoing.writeHead(500).end(JSON.stringify({ message: "out of order" }));
      return;
    }
    const { method, url, headers } = incoming;
    const forwarded = request({ socketPath, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return engine;
}
