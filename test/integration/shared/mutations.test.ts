import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, explainWay } from "../../../lab/commands/explain/explain.ts";
import type { Outputs } from "../../../lab/state/outputs.ts";
import { attempt, run } from "../../../toolchain/run.ts";
import { accusations, namesIn } from "../accusations.ts";
import { CAUSES, FOREIGN } from "../causes.ts";
import { type Environment, failures } from "../environment.ts";
import { mutationsOf } from "../mutations.ts";
import { sharedEnvironment } from "./environment.ts";

describe("the single-host labs, with each check broken on purpose: lab verify and lab explain", function () {
  this.timeout(180_000);
  let lab: Environment;
  let outputs: Outputs;
  const mutations = mutationsOf(() => lab);

  /** Waits until every container is healthy again, so that mutations do not affect each other. */
  const settled = async () => {
    const filters = ["starting", "unhealthy"].flatMap((health) => ["--filter", `health=${health}`]);
    const named = ["--filter", `name=dockernet-${lab.name}-`];
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      if ((await run("docker", ["ps", "--quiet", ...named, ...filters])) === "") return;
    }
    assert.fail("containers are not healthy again");
  };
  const tell = async (objects: string): Promise<string> => {
    const [from = "", to] = objects.split(" ");
    const { text } =
      to === undefined ? await explain(lab.name, outputs, from, 80) : await explainWay(lab.name, outputs, from, to);
    return text;
  };

  before(async () => {
    lab = await sharedEnvironment();
    outputs = await lab.outputs();
  });

  it("all checks pass before", async () => assert.deepEqual(failures(await lab.verify()), []));

  it("lab explain reports no fault before", async () => {
    for (const object of ["test1", "test5", "test8", "redis", "bridge-net", "4.2-apart", "flask-redis redis"]) {
      assert.match(await tell(object), /^Fault: +none found$|^Result: +passed/m, object);
    }
  });

  it("lab explain reports no fault for any object, and no rule for other virtual machines", async () => {
    const link = `vm-${lab.name.slice(-6)}`;
    const rules = ["-i", "-o"].map((way) => ["FORWARD", way, link, "-j", "ACCEPT"]);
    await run("ip", ["link", "add", link, "type", "bridge"]);
    await run("ip", ["address", "add", "192.0.2.1/30", "dev", link]);
    try {
      for (const rule of rules) await run("iptables", ["--wait", "--insert", ...rule]);
      assert.deepEqual(await accusations(lab.name, outputs), []);
    } finally {
      for (const rule of rules) await attempt("iptables", ["--wait", "--delete", ...rule]);
      await run("ip", ["link", "delete", link]);
    }
  });

  for (const { what, apply, undo, fails } of mutations) {
    describe(what, () => {
      before(apply);
      after(async () => {
        await undo();
        await settled();
      });

      it(`fails ${fails.length} checks, and no others`, async () => {
        let results = await lab.verify();
        // A check that is still recovering from the previous mutation passes at the second look.
        if (failures(results).length > fails.length) results = await lab.verify();
        const found = results.filter(({ passed }) => !passed).map((each) => `${each.check.id}: ${each.actual}`);
        assert.deepEqual(failures(results).sort(), [...fails].sort(), found.join("\n"));
      });

      it("has its cause named, and no other object is blamed", async () => {
        const asked = CAUSES[what] ?? assert.fail(`nobody asks what happens when ${what}`);
        const broken = outputs.checks.filter(({ id }) => fails.includes(id));
        // Side by side, because most of the time goes to probes that wait for an answer.
        const [answers, accused] = await Promise.all([
          Promise.all(asked.map(async ([objects, cause]) => ({ told: await tell(objects), cause }))),
          accusations(lab.name, outputs, broken),
        ]);
        for (const { told, cause } of answers) {
          const wrong = told.split("\n").filter((line) => /^(Fault|Cause): /.test(line));
          assert.match(wrong.join("\n"), cause, told);
        }
        const named = broken.flatMap(namesIn);
        for (const title of accused) {
          const isCause = asked.some(([, cause]) => cause.test(title));
          const isTrue = isCause || FOREIGN.test(title) || named.some((name) => title.includes(name));
          assert.ok(isTrue, `${what}, and this has no part in it: ${title}`);
        }
      });
    });
  }

  it("all checks pass after, and each was broken at least once", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    const broken = new Set(mutations.flatMap(({ fails }) => fails));
    assert.deepEqual(
      results.map(({ check }) => check.id).filter((id) => !broken.has(id)),
      [],
    );
  });

  it("names a missing NAT rule, and the route that goes nowhere without it", async () => {
    const subnet = await run("docker", [
      ...["network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}"],
      `dockernet-${lab.name}-bridge-net`,
    ]);
    const rules = await run("iptables", ["--wait", "-t", "nat", "-S", "POSTROUTING"]);
    const rule =
      rules
        .split("\n")
        .find((each) => each.includes(`-s ${subnet} `))
        ?.split(" ")
        .slice(1) ?? [];
    await run("iptables", ["--wait", "-t", "nat", "-D", ...rule]);
    try {
      assert.match(
        await tell("peer5 outside"),
        /^Fault: +the rule MASQUERADE for the network \S+-bridge-net is missing/m,
      );
    } finally {
      await run("iptables", ["--wait", "-t", "nat", "-A", ...rule]);
    }
  });

  it("suggests similar names for an unknown one, and lists the kinds of objects", async () => {
    await assert.rejects(
      tell("tets5"),
      /has no object tets5; there is .*test5.*; an object is .* the kinds are address, /,
    );
  });
});
