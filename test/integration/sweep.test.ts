import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interfaceName } from "../../components/lib/identity.ts";
import { removeLeftovers } from "../../lab/commands/sweep/remove.ts";
import { findLeftovers, survey } from "../../lab/commands/sweep/survey.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { type Environment, makeEnvironment } from "./environment.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("lab sweep", function () {
  this.timeout(300_000);
  let lab: Environment;
  let prefix: string;
  let containers: string[];
  let networks: string[];
  let volumes: string[];
  let namespaces: string[];
  let cable: string;
  let untouched: string;
  /** A backend that does not know the environment. */
  const empty = mkdtempSync(join(tmpdir(), "dockernet-sweep-"));
  const elsewhere = { PULUMI_BACKEND_URL: `file://${empty}`, PULUMI_CONFIG_PASSPHRASE: "test" };

  const sweep = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
    run("node", [join(PROJECT, "lab", "lab.ts"), "sweep", ...args], { env }).then(
      (stdout) => ({ code: 0, stdout, stderr: "" }),
      (error) => ({ code: error.code, stdout: error.stdout.trim(), stderr: error.stderr }),
    );
  const names = async (env: NodeJS.ProcessEnv) =>
    (await findLeftovers(lab.name, env)).map(({ kind, name }) => `${kind} ${name.replace(prefix, "")}`).sort();
  const own = async () => (await findLeftovers(lab.name, elsewhere)).map(({ id }) => id).sort();
  /** Everything that the engine and the kernel report about look-alikes. */
  const lookAlikes = async () => {
    const docker = await Promise.all([
      run("docker", ["container", "inspect", ...containers]),
      run("docker", ["network", "inspect", ...networks]),
      run("docker", ["volume", "inspect", ...volumes]),
    ]);
    const kernel = [...namespaces.map((each) => ["-n", each, "-d", "address"]), ["-d", "link", "show", "dev", cable]];
    return [...docker, ...(await Promise.all(kernel.map((args) => run("ip", args))))].join("\n");
  };

  before(async () => {
    const [a, b] = [randomInt(64, 128), randomInt(256)];
    const addresses = [`10.${a}.${b}.129/28`, `10.${a}.${b}.130/28`];
    lab = await makeEnvironment({ labs: ["namespaces", "counter"], namespaces: { addresses } });
    prefix = `dockernet-${lab.name}-`;
    await lab.stack.up();
    const labels = (project: string, stack: string) => [
      "--label",
      `dockernet.project=${project}`,
      "--label",
      `dockernet.stack=${stack}`,
    ];
    const whose: Readonly<Record<string, readonly string[]>> = {
      [`${prefix}sw`]: [],
      [`dockernet-${lab.name}x-sw`]: labels("dockernet", `${lab.name}x`),
      [`sw-${lab.name}-space`]: labels("dockernet", `${lab.name} `),
      [`sw-${lab.name}-case`]: labels("dockernet", lab.name.toUpperCase()),
      [`sw-${lab.name}-project`]: labels("dockernets", lab.name),
      [`sw-${lab.name}-stack`]: ["--label", `dockernet.stack=${lab.name}`],
    };
    [containers, networks, volumes] = [Object.keys(whose), Object.keys(whose), Object.keys(whose)];
    namespaces = [`${prefix}test3`, `${prefix}test1x`, `dockernet-${lab.name}x-test1`];
    cable = interfaceName({ project: "dockernet", stack: `${lab.name}x` }, "veth-outside");
    const image = await run("docker", ["inspect", "--format", "{{.Image}}", `${prefix}redis`]);
    for (const [index, [name, args]] of Object.entries(whose).entries()) {
      await run("docker", ["network", "create", "--subnet", `10.${a}.${b}.${index * 16}/28`, ...args, name]);
      await run("docker", ["volume", "create", ...args, name]);
      const ends = ["--network", name, "--volume", `${name}:/sw`, image, "sleep", "900"];
      await run("docker", ["run", "--detach", "--init", "--name", name, ...args, ...ends]);
    }
    for (const name of namespaces) {
      await run("ip", ["netns", "add", name]);
      const owner = name.includes(`${lab.name}x`) ? `dockernet/${lab.name}x` : `dockernet/${lab.name}`;
      await run("ip", ["-n", name, "link", "set", "dev", "lo", "alias", owner]);
    }
    // Only its alias is the environment's, not its name.
    await run("ip", ["link", "add", cable, "type", "veth", "peer", "name", "sw", "netns", namespaces[0] ?? ""]);
    await run("ip", ["link", "set", "dev", cable, "alias", `dockernet/${lab.name}`]);
    untouched = await lookAlikes();
  });
  after(async () => {
    await attempt("docker", ["rm", "--force", ...containers, `${prefix}guest`]);
    await attempt("docker", ["network", "rm", ...networks]);
    await attempt("docker", ["volume", "rm", ...volumes]);
    for (const name of namespaces) await attempt("ip", ["netns", "delete", name]);
    rmSync(empty, { recursive: true });
    await lab.remove();
  });
  afterEach(async () => assert.equal(await lookAlikes(), untouched));

  it("finds nothing in an environment whose state knows everything", async () => {
    assert.deepEqual(await sweep([lab.name], lab.env), { code: 0, stdout: "No orphans found", stderr: "" });
  });

  it("ignores environments that are not named and have no state here", async () => {
    const { leftovers, alone } = await survey({}, elsewhere);
    assert.deepEqual(leftovers, []);
    const found = new Map(alone.map(({ environment, objects }) => [environment, objects]));
    assert.equal(found.get(lab.name), (await own()).length);
    assert.equal(found.get(`${lab.name}x`), 4);
    assert.deepEqual(
      [...found.keys()].filter((each) => each.trim() !== each),
      [],
    );
  });

  it("refuses while the state is locked, and when it is damaged, and removes nothing", async () => {
    const objects = await own();
    const backend = join((lab.env.PULUMI_BACKEND_URL ?? "").replace("file://", ""), ".pulumi");
    const lock = join(backend, "locks", "organization", "dockernet", lab.name);
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, "lock.json"), "");
    const locked = await sweep([lab.name, "--yes"], lab.env);
    assert.equal(locked.code, 2);
    assert.match(
      locked.stderr,
      new RegExp(`error: an update of environment ${lab.name} .* npx lab recover ${lab.name}`),
    );
    rmSync(lock, { recursive: true });

    const file = join(backend, "stacks", "dockernet", `${lab.name}.json`);
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, 2_000));
    const damaged = await sweep([lab.name, "--yes"], lab.env);
    writeFileSync(file, whole);
    assert.equal(damaged.code, 2);
    assert.match(damaged.stderr, /unexpected end of JSON input/);
    assert.deepEqual(await own(), objects);
  });

  it("lists what the state has lost, and changes nothing without --yes", async () => {
    const { deployment, ...rest } = await lab.stack.exportStack();
    const lost = /Command::(test2|veth-test)$|\/container:Container::hit-counter$/;
    const resources = deployment.resources.filter(({ urn }: { urn: string }) => !lost.test(urn));
    await lab.stack.importStack({ ...rest, deployment: { ...deployment, resources } });
    const left = ["container flask-redis", "namespace test2"];
    assert.deepEqual(await names(lab.env), left);

    const objects = await own();
    const dry = await sweep([lab.name], lab.env);
    assert.equal(dry.code, 1);
    assert.match(
      dry.stdout,
      new RegExp(`container +${prefix}flask-redis +this host +labels of .*, lab counter +not in the state`),
    );
    assert.match(dry.stdout, new RegExp(`Nothing removed. To remove: npx lab sweep ${lab.name} --yes$`));
    assert.deepEqual(await own(), objects);

    const wet = await sweep([lab.name, "--yes", "--json"], lab.env);
    assert.equal(wet.code, 0, wet.stderr);
    const { leftovers } = JSON.parse(wet.stdout);
    assert.deepEqual(
      leftovers.map(({ name, outcome }: Record<string, string>) => [name, outcome]),
      left.map((each) => [`${prefix}${each.split(" ")[1]}`, "removed"]),
    );
    assert.deepEqual(await names(lab.env), []);
    assert.equal((await own()).length, objects.length - 2);
  });

  it("does not remove a network with a container of another owner, names the owner, and removes the rest", async () => {
    const image = await run("docker", ["inspect", "--format", "{{.Image}}", `${prefix}redis`]);
    const guest = ["--name", `${prefix}guest`, "--network", `${prefix}counter-net`, "--init", image, "sleep", "900"];
    await run("docker", ["run", "--detach", ...guest]);
    const { code, stdout } = await sweep([lab.name, "--yes"], elsewhere);
    assert.equal(code, 1);
    assert.match(
      stdout,
      new RegExp(`Warning: environment ${lab.name} has no state here: .*npx lab recover ${lab.name}`),
    );
    assert.match(
      stdout,
      new RegExp(`^stays +network ${prefix}counter-net on this host: the container ${prefix}guest, which is not`, "m"),
    );
    assert.deepEqual(await names(elsewhere), ["network counter-net"]);
    assert.match(await run("docker", ["inspect", "--format", "{{.State.Running}}", `${prefix}guest`]), /true/);
    await run("docker", ["rm", "--force", `${prefix}guest`]);
  });

  it("treats objects that were removed in the meantime as removed, and continues after a failure", async () => {
    const [network] = await findLeftovers(lab.name, elsewhere);
    assert.ok(network);
    const never = { ...network, kind: "volume" as const, id: `sw-${lab.name}-space`, name: `sw-${lab.name}-space` };
    await run("docker", ["network", "rm", network.id]);
    const removals = await removeLeftovers([never, network]);
    assert.deepEqual(
      removals.map(({ outcome }) => outcome),
      ["failed", "gone"],
    );
    assert.match(removals[0]?.reason ?? "", /volume is in use/);
    assert.deepEqual(await names(elsewhere), []);
    assert.equal((await sweep([lab.name], elsewhere)).code, 0);
  });

  it("is followed by a destroy that finds nothing to do", async () => {
    await lab.stack.destroy({ refresh: true });
    assert.deepEqual(await lab.objects(), []);
  });
});
