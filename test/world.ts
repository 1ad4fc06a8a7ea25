import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ENGINE } from "../components/lib/dockerNames.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { run, which } from "../toolchain/run.ts";

const WORLD = join(PROJECT, "test", "world.sh");
const PROGRAMS = ["dockerd", "ip", "iptables", "nsenter", "unshare", "pgrep"];

/** An engine in its own namespaces on this machine (world.sh). */
export interface World {
  /** Folder for files of the caller; deleted with the world. */
  readonly scratch: string;
  /** Command that runs another command in the world. */
  readonly inside: readonly string[];
  /** Stops everything in it; happens automatically when this process exits. */
  readonly remove: () => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const leave = () => process.exit(130);

/** Whether this process can create a world in addition to the machine's default engine. */
export const canMakeWorld = (): boolean =>
  process.getuid?.() === 0 && process.env.DOCKER_HOST === DEFAULT_ENGINE && PROGRAMS.every((program) => which(program));

/**
 * Creates a world; `env` selects its engine, by default this machine's. With the same engine it starts with the images
 * and the build cache of this machine's engine, otherwise only with the Debian base image: a transferred image is built
 * again anyway, because none of its steps is in the cache.
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

/** Data folder of this machine's engine; undefined if another engine cannot use its layers. */
async function dataOfEngine(): Promise<string | undefined> {
  const [driver, folder] = (await run("docker", ["info", "--format", "{{.Driver}} {{.DockerRootDir}}"])).split(" ");
  return driver === "overlay2" ? folder : undefined;
}

/** Copies the Debian base images of this machine to the engine; building them takes minutes. */
async function handImages(folder: string): Promise<void> {
  const listed = await run("docker", ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "dockernet/debian"]);
  const images = listed.split("\n").filter((image) => image !== "" && !image.endsWith(":<none>"));
  if (images.length === 0) return;
  const script = 'folder=$1; world=$2; shift 2; docker save "$@" | sh "$world" run "$folder" docker load --quiet';
  await run("sh", ["-euc", script, "sh", folder, WORLD, ...images]);
}
