import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Count, type Result, show, timed } from "./count.ts";
import { buildLaneImages } from "./laneImages.ts";
import { makeWorld, type World } from "./world.ts";

/** Slow files: they start first, so that the lanes end at the same time. */
const LONG = [
  "shared/*",
  "fresh",
  "overlay",
  "etcd",
  "swarm-managers",
  "quorum",
  "etcd-upgrade",
  "swarm",
  "faults",
  "vms",
  "practice-vm",
  "labs",
  "recover-state",
  "python",
];

/** For fewer files, it takes longer to build the images of all than it saves. */
const MANY = 8;

/** How a test file is run: its command, and the file for its counts. */
export interface Job {
  readonly file: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly count: (code: number) => Count;
}

const rank = ({ file }: Job): number => {
  const index = LONG.findIndex((name) => file.endsWith(`/${name}.test.ts`));
  return index === -1 ? LONG.length : index;
};

/** Runs test files in parallel, each in its own process, in the given number of lanes. */
export class Lanes {
  readonly #waiting: Job[];
  readonly #worlds: readonly World[];
  readonly #scratch: string;
  readonly #results: Result[] = [];
  readonly #running: Promise<void>[];

  private constructor(jobs: readonly Job[], worlds: readonly World[]) {
    this.#waiting = jobs.toSorted((a, b) => rank(a) - rank(b));
    this.#worlds = worlds;
    this.#scratch = worlds[0]?.scratch ?? "";
    this.#running = this.#worlds.map(({ inside }, index) => this.#work(`lane ${index + 2}`, inside));
  }

  /** Starts all lanes except this host's own; each has its own world. The folder is for files of the start. */
  static async begin(jobs: readonly Job[], lanes: number, scratch: string): Promise<Lanes> {
    if (jobs.length >= MANY) await buildLaneImages(scratch);
    const worlds: World[] = [];
    for (let lane = 2; lane <= lanes; lane += 1) worlds.push(await makeWorld());
    return new Lanes(jobs, worlds);
  }

  /** Starts the lane of this host, and waits for all lanes. The worlds are removed when this process exits. */
  async end(): Promise<readonly Result[]> {
    await Promise.all([this.#work("lane 1", []), ...this.#running]);
    return this.#results;
  }

  async #work(lane: string, inside: readonly string[]): Promise<void> {
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      const { file, command, env, count } = job;
      console.log(`${lane}: ${file} started`);
      const log = join(this.#scratch, file.replaceAll("/", "-"));
      const result = await timed(file, async () => count(await ended([...inside, ...command], env, log)));
      this.#results.push(result);
      console.log(readFileSync(log, "utf8").trimEnd());
      console.log(`${lane}: ${file}: ${show(result)} in ${result.seconds.toFixed(1)} s`);
    }
  }
}

/** Runs a command with its output in a file, to be printed at the end; returns its exit code. */
const ended = ([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv, log: string): Promise<number> =>
  new Promise((resolve) => {
    const file = openSync(log, "w");
    const child = spawn(program, args, { stdio: ["ignore", file, file], env: { ...process.env, ...env } });
    // mocha cleans up, as on Ctrl-C.
    const interrupt = () => child.kill("SIGINT");
    process.on("exit", interrupt);
    const end = (code: number | null) => {
      process.off("exit", interrupt);
      resolve(code ?? 1);
    };
    child.on("error", () => end(1)).on("exit", end);
  });
