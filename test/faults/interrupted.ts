import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { type Lab, must } from "./lab.ts";
import { processesWith } from "./process.ts";

/** A run that ends in good order says so, and that it was not to be the end. */
const CANCELLED = [/\^C received; cancelling/, /error: update canceled/];
const UP = "pulumi up";
const up = (lab: Lab) => must(lab.up());

/** Runs `up`, sends a signal when it prints something, and gives what the user has read by the end. */
async function interrupted(lab: Lab, at: RegExp, ...signals: NodeJS.Signals[]): Promise<string> {
  const running = lab.begin("up");
  await running.saw(at);
  for (const [index, signal] of signals.entries()) {
    if (index > 0) await setTimeout(400);
    running.signal(signal);
  }
  const { code, text } = await running.ended;
  assert.notEqual(code, 0, `an up that was interrupted is no success:\n${text}`);
  return text;
}

export const interruptedRuns: readonly Fault<Lab>[] = [
  {
    id: "R01",
    title: "SIGINT once while a container is created",
    protects: "the step that was under way is in the state",
    inject: async (lab) => ({ said: await interrupted(lab, /Container .* creating/, "SIGINT") }),
    says: CANCELLED,
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R03",
    title: "SIGINT twice",
    protects: "what was being made is not made twice",
    inject: async (lab) => ({ said: await interrupted(lab, /Container .* creating/, "SIGINT", "SIGINT") }),
    says: [/terminating immediately may lead to orphaned resources/],
    way: UP,
    heal: up,
  },
  {
    id: "R04",
    title: "SIGTERM once, as a CI system stops a job",
    protects: "the step that was under way is in the state",
    inject: async (lab) => ({ said: await interrupted(lab, /Container .* creating/, "SIGTERM") }),
    says: CANCELLED,
    way: UP,
    heal: up,
  },
  {
    id: "R06",
    title: "SIGKILL while a container is created",
    protects: "the object that was being made is not made twice",
    inject: async (lab) => {
      await interrupted(lab, /Container .* creating/, "SIGKILL");
      return { said: (await lab.up()).text };
    },
    says: [/the stack is currently locked by 1 lock\(s\)/, /\(pid \d+\)/],
    way: UP,
    heal: up,
  },
  {
    id: "R08",
    title: "SIGKILL at any moment, also while the state is written",
    protects: "the old or the new state can be read, and never half of one",
    inject: async (lab) => {
      const running = lab.begin("up");
      await setTimeout(2000 + Math.random() * 6000);
      running.signal("SIGKILL");
      await running.ended;
      JSON.parse(readFileSync(lab.stateFile, "utf8"));
      return { said: (await lab.up()).text };
    },
    says: [/the stack is currently locked by 1 lock\(s\)/],
    way: UP,
    heal: up,
  },
  {
    id: "R09",
    title: "SIGKILL during a destroy",
    protects: "nothing is made again, and all goes",
    inject: async (lab) => {
      await must(lab.up());
      const running = lab.begin("destroy");
      await running.saw(/Container .* deleting/);
      running.signal("SIGKILL");
      await running.ended;
      return { said: (await lab.destroy()).text };
    },
    says: [/the stack is currently locked by 1 lock\(s\)/],
    way: "pulumi destroy",
    heal: (lab) => must(lab.destroy()),
    outcome: "gone",
  },
  {
    id: "R10",
    title: "SIGKILL of the docker provider",
    protects: "no silent success",
    inject: async (lab) => {
      const running = lab.begin("up");
      await running.saw(/Container .* creating/);
      for (const { pid, program } of processesWith(lab.environment.env.PULUMI_BACKEND_URL ?? "-")) {
        if (program === "pulumi-resource-docker") process.kill(pid, "SIGKILL");
      }
      const { code, text } = await running.ended;
      assert.notEqual(code, 0);
      return { said: text };
    },
    says: [/error: .*docker/],
    way: UP,
    heal: up,
  },
];
