import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultPort, type Identity, objectName } from "../../components/lib/identity.ts";
import { LESSONS, output, retell } from "../../docs/lessons.ts";
import { hostSessions } from "../../lab/host/sessions.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { difference, inbound, type Journey, type LessonEnvironment, outbound } from "../lessons.ts";
import { type Environment, makeEnvironment } from "./environment.ts";

/** Prefix of the addresses on docker0 in the pages. */
const DOCKER0 = "172.17.0.";

/** The environment of a lesson, where it is not `practice`. */
const STACKS: Partial<Record<(typeof LESSONS)[number], string>> = { namespaces: "basics", macvlan: "mine" };

describe("the lessons, with every command in order", function () {
  this.timeout(300_000);
  let lab: Environment;
  let here: LessonEnvironment;
  let bases: readonly string[];

  before(async () => {
    lab = await makeEnvironment({
      labs: ["namespaces", "bridge", "links", "ports", "isolation", "counter", "macvlan"],
    });
    await lab.stack.up();
    const gateway = (await hostSessions()(undefined).networks()).get("bridge")?.gateway;
    assert.ok(gateway, "docker0 has an address");
    const identity = { project: "dockernet", stack: lab.name };
    here = { ...placeOf(identity), docker0: gateway.replace(/\d+$/, "") };
    bases = (await lab.objects()).map((name) => name.slice(objectName(identity, "").length));
  });
  after(() => lab.remove());

  for (const lesson of LESSONS) {
    it(`docs/${lesson}.md shows what its commands print`, async () => {
      const page = readFileSync(join(PROJECT, "docs", `${lesson}.md`), "utf8");
      const stack = STACKS[lesson] ?? "practice";
      const journey: Journey = { from: placeOf({ project: "dockernet", stack }), to: here };
      const now = await retell(page, async (command) =>
        inbound(await output(outbound(command, journey, bases), lab.stack.workspace.envVars), journey),
      );
      const found = difference(page, now);
      if (found !== undefined) assert.fail(`npm run transcripts -- docs/${lesson}.md writes it anew:\n${found}`);
    });
  }
});

const placeOf = (identity: Identity): LessonEnvironment => ({
  identity,
  published: identity.stack === "practice" ? [80, 5000] : [defaultPort(identity, 0), defaultPort(identity, 1)],
  docker0: DOCKER0,
});
