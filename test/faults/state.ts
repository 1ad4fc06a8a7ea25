import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseConfig } from "../../stacks/config.ts";
import { BAD_SETTINGS } from "../badSettings.ts";
import { smallDisk } from "./disk.ts";
import type { Fault } from "./fault.ts";
import { type Lab, must } from "./lab.ts";
import { processesWith } from "./process.ts";

const UP = "pulumi up";
const up = (lab: Lab) => must(lab.up());
const RECOVER = { way: "lab recover ENV --yes", heal: (lab: Lab) => must(lab.ask("recover", "--yes")) } as const;
/** Length of a truncated state, in characters. */
const CUT_BYTES = 700;
/** Time limit for refusing invalid settings, in seconds. */
const REFUSED_SEC = 60;
/** Invalid settings that are tested with a real `up`. */
const TRIED = [
  "a subnet with a command",
  "a gateway outside",
  "port 65536",
  "subnets that overlap",
  "an unknown key of a lab",
  "a host's name that begins as an option",
];

/** Time limit for a run that cannot save its state, in seconds. */
const GIVEN_UP_SEC = 300;

const STUBBORN = new URL("stubborn-ip.sh", import.meta.url);

/** A `PATH` on which `ip` cannot delete a namespace. */
function stubbornPath(folder: string): string {
  copyFileSync(STUBBORN, join(folder, "ip"));
  chmodSync(join(folder, "ip"), 0o755);
  return [folder, process.env.PATH].join(delimiter);
}

export const freshFaults: readonly Fault<Lab>[] = [
  {
    id: "R11",
    title: "disk of the state full during an up",
    protects: "the previous state, and no duplicate resources",
    inject: async (lab) => {
      const disk = await smallDisk(lab.state);
      try {
        const running = lab.begin("up");
        await running.saw(/Network ports creat/);
        disk.fill();
        const { code, text, seconds } = await running.ended;
        assert.notEqual(code, 0, text);
        assert.ok(seconds < GIVEN_UP_SEC, `it took ${seconds} s to give up`);
        disk.empty();
        return { said: text + (await lab.ask("recover")).text };
      } finally {
        await disk.remove();
      }
    },
    says: [/no space left on device/, /the state .* is damaged: it is truncated/],
    ...RECOVER,
  },
  {
    id: "R58",
    title: "second up while one runs",
    protects: "the first run, and no duplicate resources",
    inject: async (lab) => {
      const first = lab.begin("up");
      await first.saw(/ creating/);
      const { code, text } = await lab.up();
      assert.notEqual(code, 0, text);
      assert.ok(text.includes(`(pid ${first.pid})`), text);
      await must(first.ended);
      return { said: text };
    },
    says: [/the stack is currently locked by 1 lock\(s\)/, /created by \S+ \(pid \d+\) at /],
    way: "nothing",
    quick: true,
  },
  {
    id: "R60",
    title: `invalid settings: ${BAD_SETTINGS.length} cases, ${TRIED.length} with a real up`,
    protects: "no changes to state, engine, namespaces",
    inject: async (lab) => {
      for (const [what, raw, message] of BAD_SETTINGS) {
        assert.throws(() => parseConfig({ project: "dockernet", stack: lab.name }, raw), message, what);
      }
      const said: string[] = [];
      for (const [what, raw] of BAD_SETTINGS.filter(([each]) => TRIED.includes(each))) {
        lab.environment.settle(Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, JSON.parse(value)])));
        const { code, text, seconds } = await lab.up();
        assert.notEqual(code, 0, what);
        assert.ok(seconds < REFUSED_SEC, `${what}: it took ${seconds} s to say so`);
        assert.doesNotMatch(text, / at .*\.ts:\d+/);
        assert.deepEqual(await lab.leftovers(), [], what);
        said.push(text);
      }
      return { said: said.join("\n"), end: async () => lab.environment.settle(lab.settings) };
    },
    says: BAD_SETTINGS.filter(([what]) => TRIED.includes(what)).map(
      ([, , message]) => new RegExp(message.source.replace(/^\^ \{2\}/, "^ +"), "m"),
    ),
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R61",
    title: "destroy with one failing step",
    protects: "the records of what could not be removed",
    inject: async (lab) => {
      await must(lab.up());
      const folder = mkdtempSync(join(tmpdir(), "dockernet-faults-"));
      try {
        const { code, text } = await lab.destroy({ PATH: stubbornPath(folder) });
        assert.notEqual(code, 0, text);
        return { said: text };
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    says: [/Command \(test[12]\)/, /the kernel said no/],
    way: "pulumi destroy",
    heal: (lab) => must(lab.destroy()),
    outcome: "gone",
  },
  {
    id: "R63",
    title: "up, up, destroy, destroy, up",
    protects: "existing resources are not changed",
    inject: async (lab) => {
      const texts: string[] = [];
      for (const command of ["up", "up", "destroy", "destroy", "up"] as const) {
        texts.push((await must(lab[command]())).text);
      }
      return { said: `second up: ${texts[1]}\nsecond destroy: ${texts[3]}` };
    },
    says: [/^second up: (?!.*[+~-]+ \d+ ).*^Resources:\n +\d+ unchanged\n\nDuration/ms, /second destroy: .*/],
    way: "nothing",
  },
];

/**
 * `up` starts a language host to ask for its version while it reads the settings, and does not end it if those are refused. It notices
 * within 5 minutes that the CLI is gone, and exits; a test does not wait for that.
 */
function endLanguageHosts(lab: Lab): void {
  for (const { pid, program } of processesWith(lab.state)) if (program === "pulumi-language-nodejs") process.kill(pid);
}

export const stateFaults: readonly Fault<Lab>[] = [
  {
    id: "R59",
    title: "passphrase wrong, or missing",
    protects: "the state",
    inject: async (lab) => {
      const before = readFileSync(lab.stateFile);
      const wrong = await lab.up({ PULUMI_CONFIG_PASSPHRASE: "another one" });
      const missing = await lab.up({ PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: undefined });
      assert.ok(wrong.code !== 0 && missing.code !== 0);
      assert.ok(before.equals(readFileSync(lab.stateFile)), "the state has changed");
      endLanguageHosts(lab);
      return { said: `${wrong.text}\n${missing.text}` };
    },
    says: [/incorrect passphrase/, /PULUMI_CONFIG_PASSPHRASE/],
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R55",
    title: "truncated state",
    protects: "the records of existing objects",
    inject: async (lab) => {
      truncateSync(lab.stateFile, CUT_BYTES);
      return { said: (await lab.ask("verify")).text };
    },
    says: [/the state of environment \S+ is damaged: it is truncated after 700 characters; .*npx lab recover/],
    ...RECOVER,
  },
  {
    id: "R56",
    title: "state lost while everything runs",
    protects: "no duplicate resources",
    inject: async (lab) => {
      rmSync(lab.stateFile);
      return { said: (await lab.ask("verify")).text };
    },
    says: [/has no state here, but \d+ containers and networks carry its labels; .*npx lab recover/],
    ...RECOVER,
  },
  {
    id: "R57",
    title: "empty lock",
    protects: "the state",
    inject: async (lab) => {
      mkdirSync(lab.locks, { recursive: true });
      writeFileSync(join(lab.locks, "empty.json"), "");
      const { code, text } = await lab.up();
      assert.notEqual(code, 0, text);
      return { said: text + (await lab.ask("recover")).text };
    },
    says: [/unreadable lock, \d+ \S+ old, without a running process/],
    ...RECOVER,
  },
];
