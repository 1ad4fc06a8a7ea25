import assert from "node:assert/strict";
import { run } from "../../../toolchain/run.ts";
import { type Environment, failures } from "../environment.ts";
import { labCommand, type Outcome } from "../labCommand.ts";
import { mutationsOf } from "../mutations.ts";
import { sharedEnvironment } from "./environment.ts";

/** Mutations that are applied together, in an order in which none undoes another. */
const OURS = [
  "redis is on its network without its name",
  "the loopback of a namespace is set down",
  "the loopback of the other namespace has a second address",
  "a process listens on the closed port of the outside host",
  "containers of the default bridge are on a second network, which has a name server",
  "containers have an additional interface",
  "containers resolve names that docker0 does not provide",
  "a link is cut",
  "veth ends of containers are removed from docker0",
  "veth ends of containers are removed from user-defined bridges",
];
const RULES = ["packets to the outside keep their private source address", "one bridge lets the other's containers in"];
/** Faults caused by objects or rules of another owner, and two of the environment's own. */
const FOREIGN = [
  ...RULES,
  "containers that should be isolated, or the host's, are on a bridge and published",
  "the outside host is stopped",
  "containers are moved from their network to another one",
];
/** Containers of another owner in place of the lab's, and all faults that are in neither list above. */
const REPLACED = [
  "containers of the user-defined bridge are on a second network",
  "an end of the veth pair is set down, and the host has interfaces of these names",
  "containers have the host's network namespace",
  "a container has a public address",
  "a back end is published and a front end is not",
];

describe("lab recover: an environment that was broken by hand", function () {
  this.timeout(600_000);
  let lab: Environment;
  const mutations = mutationsOf(() => lab);
  const named = (base: string) => `dockernet-${lab.name}-${base}`;
  const recover = (...args: string[]) => labCommand(lab, "recover", ...args);
  const breakBy = async (names: readonly string[]) => {
    for (const name of names) await (mutations.find(({ what }) => what === name) ?? assert.fail(name)).apply();
  };
  const visit = async () => {
    const url = (await lab.outputs()).urls.counter ?? assert.fail("no counter");
    const [, hits] = /seen (\d+) times/.exec(await (await fetch(url)).text()) ?? assert.fail("no hits");
    return Number(hits);
  };
  const wasGreen = (outcome: Outcome) =>
    assert.match(outcome.stdout, / recovered: \d+ passed, 0 failed/, outcome.stdout + outcome.stderr);

  before(async () => {
    lab = await sharedEnvironment();
  });
  after(async function () {
    if (!this.test?.parent?.tests.some(({ state }) => state === "failed")) return;
    for (const { what, undo } of mutations)
      if (RULES.includes(what))
        await Promise.resolve()
          .then(undo)
          .catch(() => {});
    await run("docker", ["rm", "--force", ...["test10", "test11"].map(named)]).catch(() => {});
    for (const network of ["scratch", "public"]) await run("docker", ["network", "rm", named(network)]).catch(() => {});
    await lab.stack.up({ refresh: true });
  });

  it("does nothing if there is no fault", async () => {
    const { code, stdout } = await recover();
    assert.match(stdout, /\d+ checks pass, nothing to recover/);
    assert.equal(code, 0);
  });

  it(`${OURS.length} faults at once: explains, changes nothing without --yes, then repairs them and keeps the hits`, async () => {
    const objects = await lab.objects();
    const hits = await visit();
    await breakBy(OURS);

    const asked = await recover();
    assert.equal(asked.code, 1, asked.stderr);
    assert.match(asked.stdout, /1\. \d+ of \d+ checks fail, in .*counter/);
    assert.match(asked.stdout, /Nothing changed: not a terminal; pass --yes to confirm/);

    const repaired = await recover("--yes");
    wasGreen(repaired);
    assert.equal(repaired.code, 0);
    assert.ok((await visit()) > hits, "the hits are lost");
    assert.deepEqual(await lab.objects(), objects);
    // The second network is not the lab's, so it is kept.
    await run("docker", ["network", "rm", named("scratch")]);
  });

  it("names objects of other owners with the command that removes them, and all checks pass after it ran", async () => {
    await breakBy(FOREIGN);
    const plan = JSON.parse((await recover("--json")).stdout) as { foreign: { fix: string }[] };
    const commands = plan.foreign.map(({ fix }) => fix);
    try {
      assert.deepEqual(commands.map((command) => command.replace(/\d+(\.\d+){3}(\/\d+)?/g, "ADDRESS")).sort(), [
        `docker rm --force ${named("test10")}`,
        `docker rm --force ${named("test11")}`,
        "iptables -t filter -D DOCKER-USER -p icmp -m conntrack --ctorigdst ADDRESS -j ACCEPT",
        "iptables -t nat -D POSTROUTING -s ADDRESS -p tcp -j RETURN",
      ]);
      const tried = await recover("--yes");
      assert.equal(tried.code, 1, tried.stdout + tried.stderr);
      for (const base of ["test10", "test11"]) assert.ok(tried.stdout.includes(`docker rm --force ${named(base)}`));
    } finally {
      for (const command of commands) await run("sh", ["-c", command]);
    }
    wasGreen(await recover("--yes"));
    assert.deepEqual(failures(await lab.verify()), []);
    await run("docker", ["network", "rm", named("scratch")]);
  });

  it("has a repair for every mutation", async () => {
    assert.deepEqual(
      mutations.map(({ what }) => what).filter((what) => ![...OURS, ...FOREIGN, ...REPLACED].includes(what)),
      [],
    );
    await breakBy(REPLACED);
    const plan = JSON.parse((await recover("--json")).stdout) as { foreign: { fix: string }[] };
    for (const { fix } of plan.foreign) await run("sh", ["-c", fix]);
    wasGreen(await recover("--yes"));
    assert.deepEqual(failures(await lab.verify()), []);
    for (const network of ["scratch", "public"]) await run("docker", ["network", "rm", named(network)]);
  });
});
