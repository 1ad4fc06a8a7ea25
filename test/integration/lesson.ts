import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultPort, type Identity, objectName } from "../../components/lib/identity.ts";
import { type LESSONS, output, retell } from "../../docs/lessons.ts";
import { hostSessions } from "../../lab/host/sessions.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { difference, inbound, type Journey, type LessonEnvironment, outbound } from "../lessons.ts";
import type { Environment } from "./environment.ts";

/** Prefix of the addresses on docker0 in the pages. */
const DOCKER0 = "172.17.0.";

/** Environments of lessons that do not use `practice`. */
const STACKS: Partial<Record<(typeof LESSONS)[number], string>> = {
  namespaces: "basics",
  macvlan: "mine",
  quorum: "mine",
};

/**
 * Asserts that each command of a lesson prints in this environment what its page shows. `later` are the tutorial's names of
 * objects that the lesson creates.
 */
export async function shownAsPrinted(
  lesson: (typeof LESSONS)[number],
  lab: Environment,
  later: readonly string[] = [],
): Promise<void> {
  const page = readFileSync(join(PROJECT, "docs", `${lesson}.md`), "utf8");
  const gateway = (await hostSessions()(undefined).networks()).get("bridge")?.gateway;
  assert.ok(gateway, "docker0 has an address");
  const identity = { project: "dockernet", stack: lab.name };
  const journey: Journey = {
    from: placeOf({ project: "dockernet", stack: STACKS[lesson] ?? "practice" }),
    to: { ...placeOf(identity), docker0: gateway.replace(/\d+$/, "") },
  };
  const present = (await lab.objects()).map((name) => name.slice(objectName(identity, "").length));
  const bases = [...present, ...later];
  const now = await retell(page, async (command) =>
    inbound(await output(outbound(command, journey, bases), lab.stack.workspace.envVars), journey),
  );
  const found = difference(page, now);
  if (found !== undefined) assert.fail(`npm run transcripts -- docs/${lesson}.md writes it anew:\n${found}`);
}

const placeOf = (identity: Identity): LessonEnvironment => ({
  identity,
  published: identity.stack === "practice" ? [80, 5000] : [defaultPort(identity, 0), defaultPort(identity, 1)],
  docker0: DOCKER0,
});
