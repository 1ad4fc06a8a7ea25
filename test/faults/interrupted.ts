import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { countResources } from "../../toolchain/fileBackend.ts";
import type { Fault } from "./fault.ts";
import { type Lab, must } from "./lab.ts";
import { starve } from "./memory.ts";
import { begin, processesWith, type Running } from "./process.ts";

/** A run that stops cleanly reports that it was cancelled. */
const STOPPED = /error: update (canceled|failed)/;
const CANCELLED = [/\^C received; cancelling/, STOPPED];
const UP = "pulumi up";
const up = (lab: Lab) => must(lab.up());
const CREATING = /docker:index:Container .* creating/;

/** The repair after a killed run. */
const RECOVER = { way: "lab recover ENV --yes", heal: (lab: Lab) => must(lab.ask("recover", "--yes")) } as const;
/** Approximate duration of an `up`, from its first step, in milliseconds. */
const LONGEST_UP_MS = 5000;

/** Output after a killed run: of the next `up`, and of `lab recover`. */
const afterwards = async (lab: Lab): Promise<string> => `${(await lab.up()).text}\n${(await lab.ask("recover")).text}`;
const LOCKED = [
  /the stack is currently locked by 1 lock\(s\)/,
  /stale lock of process \d+ \(exited\) of \S+, \d+ s old/,
];

/** Kills a process, or with a negative number its process group, when it has started to create containers. */
async function dies(lab: Lab, running: Running, signal: NodeJS.Signals, ...group: number[]): Promise<string> {
  while ((await lab.remains()).every((each) => !each.includes("-web"))) await setTimeout(50);
  for (const pid of group.length > 0 ? group : [running.pid]) process.kill(pid, signal);
  await running.ended;
  return afterwards(lab);
}

/** Runs `up`, sends a signal when it prints something, and returns its output. */
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
    protects: "the pending step is in the state",
    inject: async (lab) => ({ said: await interrupted(lab, CREATING, "SIGINT") }),
    says: CANCELLED,
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R03",
    title: "SIGINT twice",
    protects: "no duplicate resources",
    inject: async (lab) => {
      const said = await interrupted(lab, CREATING, "SIGINT", "SIGINT");
      return { said: said + (await lab.ask("recover")).text };
    },
    says: [/terminating immediately may lead to orphaned resources/, /a run was interrupted while creating/],
    ...RECOVER,
  },
  {
    id: "R04",
    title: "SIGTERM once, as a CI system stops a job",
    protects: "the pending step is in the state",
    inject: async (lab) => ({ said: await interrupted(lab, CREATING, "SIGTERM") }),
    says: [STOPPED],
    way: UP,
    heal: up,
  },
  {
    id: "R05",
    title: "SIGHUP: the terminal of npm start is closed",
    protects: "no duplicate resources",
    inject: async (lab) => {
      const running = begin("sh", ["toolchain/bootstrap.sh", "lab/start.ts", lab.name], lab.environment.env);
      // A closing terminal signals all of its processes.
      return { said: await dies(lab, running, "SIGHUP", -running.pid) };
    },
    says: LOCKED,
    ...RECOVER,
  },
  {
    id: "R06",
    title: "SIGKILL while a container is created",
    protects: "no duplicate resources",
    inject: async (lab) => ({ said: await dies(lab, lab.begin("up"), "SIGKILL") }),
    says: LOCKED,
    ...RECOVER,
  },
  {
    id: "R12",
    title: "pulumi killed by the kernel when out of memory",
    protects: "no duplicate resources",
    inject: async (lab) => {
      const running = lab.begin("up");
      await running.saw(CREATING);
      const free = starve(running.pid);
      const { code } = await running.ended;
      free();
      assert.equal(code, -1, "pulumi ended by itself");
      return { said: await afterwards(lab) };
    },
    says: LOCKED,
    ...RECOVER,
  },
  {
    id: "R08",
    title: "SIGKILL at any moment, including a write of the state",
    protects: "the old or the new state is readable, never a partial one",
    inject: async (lab) => {
      const running = lab.begin("up");
      await running.saw(/ creating/);
      await setTimeout(Math.random() * LONGEST_UP_MS);
      running.signal("SIGKILL");
      await running.ended;
      countResources(readFileSync(lab.stateFile, "utf8"));
      return { said: await afterwards(lab) };
    },
    says: LOCKED,
    ...RECOVER,
  },
  {
    id: "R09",
    title: "SIGKILL during a destroy",
    protects: "the remaining resources are known, and all are removed in the end",
    inject: async (lab) => {
      await must(lab.up());
      const running = lab.begin("destroy");
      await running.saw(/Container .* deleting/);
      running.signal("SIGKILL");
      await running.ended;
      return { said: await afterwards(lab) };
    },
    says: LOCKED,
    ...RECOVER,
  },
  {
    id: "R10",
    title: "SIGKILL of the docker provider",
    protects: "no silent success, and no duplicate resources",
    inject: async (lab) => {
      const running = lab.begin("up");
      await running.saw(CREATING);
      for (const { pid, program } of processesWith(lab.environment.env.PULUMI_BACKEND_URL ?? "-")) {
        if (program === "pulumi-resource-docker") process.kill(pid, "SIGKILL");
      }
      const { code, text } = await running.ended;
      assert.notEqual(code, 0);
      return { said: text };
    },
    says: [/error: .*docker/],
    ...RECOVER,
  },
];
