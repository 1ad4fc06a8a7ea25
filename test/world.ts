import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ENGINE } from "../components/lib/dockerNames.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { run, which } from "../toolchain/run.ts";

const WORLD = join(PROJECT, "test", "world.sh");
const PROGRAMS = ["dockerd", "ip", "iptables", "nsenter", "unshare", "pgrep"];

/** An engine in namespaces of its own on this machine (world.sh). */
export interface World {
  /** For files of whoever uses it; goes with it. */
  readonly scratch: string;
  /** The command by which another one is run there. */
  readonly inside: readonly string[];
  /** Ends all that runs there; else that is done when this process ends. */
  readonly remove: () => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const leave = () => process.exit(130);

/** Whether this process may make one, beside the default engine of the machine. */
export const canMakeWorld = (): boolean =>
  process.getuid?.() === 0 && process.env.DOCKER_HOST === DEFAULT_ENGINE && PROGRAMS.every((program) => which(program));

/**
 * Makes one; `env` says which engine it gets, where it is not this machine's. With the same engine it begins with the images and
 * the build cache of this machine's, and else with the Debian base image alone: an image that is handed over is built all the
 * same, since no step of it is in the cache.
 */
export async function makeWorld(env: NodeJS.ProcessEnv = {}): Promise<World> {
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-world-"));
  const folder = join(scratch, "world");
  const remove = () => {
    process.off("exit", remove);
    for (const signal of SIGNALS) process.off(signal, leave);
    execFileSync("sh", [WORLD, "down", folder], { stdio: "ignore" });
    rmSync(scratch, { recursive: true, force: true });
  };
  process.on("exit", remove);
  for (const signal of SIGNALS) process.on(signal, leave);
  try {
    const seed = env.ENGINE === undefined ? await dataOfEngine() : undefined;
    await run("sh", [WORLD, "up", folder], { env: { ...env, SEED: seed ?? "" } });
    if (seed === undefined) await handImages(folder);
  } catch (error) {
    remove();
    throw error;
  }
  return { scratch, inside: ["sh", WORLD, "run", folder], remove };
}

/** Where this machine's engine keeps its layers, if it does so in folders that another one can take over. */
async function dataOfEngine(): Promise<string | undefined> {
  const [driver, folder] = (await run("docker", ["info", "--format", "{{.Driver}} {{.DockerRootDir}}"])).split(" ");
  return driver === "overlay2" ? folder : undefined;
}

/** Gives the engine the Debian base images that were made here, which take minutes. */
async function handImages(folder: string): Promise<void> {
  const listed = await run("docker", ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "dockernet/debian"]);
  const images = listed.split("\n").filter((image) => image !== "" && !image.endsWith(":<none>"));
  if (images.length === 0) return;
  const script = 'folder=$1; world=$2; shift 2; docker save "$@" | sh "$world" run "$folder" docker load --quiet';
  await run("sh", ["-euc", script, "sh", folder, WORLD, ...images]);
}
