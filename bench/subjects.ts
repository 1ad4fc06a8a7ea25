import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type GoProgram } from "../toolchain/build.ts";
import { attempt, run } from "../toolchain/run.ts";
import { say } from "../toolchain/step.ts";
import { BENCH_LABEL, COMMAND, type Workload } from "./workload.ts";

/** The measured tasks. The names are the rows of the report. */
export const TASKS = ["up", "up again", "preview", "preview --refresh", "down"] as const;
export type Task = (typeof TASKS)[number];

/** A tool that creates and removes a workload. The tasks run in the listed order. */
export interface Subject {
  readonly name: string;
  readonly tasks: Partial<Readonly<Record<Task, () => Promise<unknown>>>>;
  /** Unmeasured steps, once: before the first task, and after the last. */
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

export type MakeSubject = (workload: Workload, scratch: string) => Subject;

/** The docker CLI, as typed by hand. */
export const cli: MakeSubject = ({ id, size, image, subnet }) => {
  const names = Array.from({ length: size }, (_, i) => `bench-${id}-${i + 1}`);
  const label = ["--label", `${BENCH_LABEL}=${id}`];
  const network = `bench-${id}`;
  return {
    name: "docker",
    tasks: {
      async up() {
        await run("docker", ["network", "create", "--subnet", subnet, ...label, network]);
        for (const name of names) {
          await run("docker", ["run", "--detach", "--name", name, "--network", network, ...label, image, ...COMMAND]);
        }
      },
      async down() {
        await run("docker", ["rm", "--force", ...names]);
        await run("docker", ["network", "rm", network]);
      },
    },
  };
};

/** Docker Compose; `command` is its command line. */
export const compose =
  (command: readonly string[]): MakeSubject =>
  ({ id, size, image, subnet }, scratch) => {
    const labels = { [BENCH_LABEL]: id };
    const services = Array.from({ length: size }, (_, i) => [
      `sleeper-${i + 1}`,
      // Without a handler for SIGTERM, stopping would wait for its timeout.
      { image, command: COMMAND, labels, stop_signal: "SIGKILL" },
    ]);
    const networks = { default: { ipam: { config: [{ subnet }] }, labels } };
    const file = join(scratch, `compose-${id}.json`);
    writeFileSync(file, JSON.stringify({ services: Object.fromEntries(services), networks }));
    const [program = "", ...args] = [...command, "--project-name", `bench-${id}`, "--file", file];
    const call = (...task: string[]) => run(program, [...args, ...task]);
    const up = () => call("up", "--detach", "--pull", "never");
    return { name: "compose", tasks: { up, "up again": up, down: () => call("down") } };
  };

/** This project: a Pulumi program with its own state. */
export const pulumi: MakeSubject = ({ id, size, image, subnet }, scratch) => {
  const state = join(scratch, "state");
  mkdirSync(state, { recursive: true });
  const options = {
    cwd: fileURLToPath(new URL("pulumi", import.meta.url)),
    env: { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "bench" },
  };
  const call = (...args: string[]) => run("pulumi", [...args, "--stack", id, "--non-interactive"], options);
  const change = (task: string) => () => call(task, "--yes", "--skip-preview");
  return {
    name: "pulumi",
    async before() {
      await call("stack", "init");
      const values = Object.entries({ size, image, subnet }).flatMap(([key, value]) => [
        "--plaintext",
        `${key}=${value}`,
      ]);
      await call("config", "set-all", ...values);
    },
    tasks: {
      up: change("up"),
      "up again": change("up"),
      preview: () => call("preview"),
      "preview --refresh": () => call("preview", "--refresh"),
      down: change("destroy"),
    },
    after: () => call("stack", "rm", "--yes", "--force"),
  };
};

const COMPOSE: GoProgram = {
  name: "compose",
  folder: "bench/compose",
  package: "github.com/docker/compose/v5/cmd",
  binary: "docker-compose",
  ldflags: "-X github.com/docker/compose/v5/internal.Version=v5.5.1",
};

/** Command line of Docker Compose on this machine: the docker CLI's plugin, else a build from source. */
export async function composeCommand(): Promise<readonly string[]> {
  if (await attempt("docker", ["compose", "version"])) return ["docker", "compose"];
  return [await build(COMPOSE, { log: say })];
}
