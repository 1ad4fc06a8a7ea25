import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { quote } from "../../components/lib/quote.ts";
import { build, type GoProgram } from "../../toolchain/build.ts";
import { cacheFolder } from "../../toolchain/cache.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { errorTail, run } from "../../toolchain/run.ts";
import { SetupError } from "../../toolchain/step.ts";

/**
 * A generation of the engine, and the environment variables with which world.sh runs it; none for this machine's own.
 */
export interface Engine {
  /** Its source, for the table. */
  readonly from: string;
  readonly prepare: (log: (line: string) => void) => Promise<NodeJS.ProcessEnv>;
}

/** Variables for such a system's engine and nft in a world: this machine's nft may be too old to list newer rules. */
async function systemOf(suite: string, log: (line: string) => void): Promise<NodeJS.ProcessEnv> {
  const system = await debian(suite, log);
  const commands = cacheFolder("engines", `${suite}-commands`);
  mkdirSync(commands, { recursive: true });
  writeFileSync(join(commands, "nft"), `#!/bin/sh\nexec chroot ${quote(system)} nft "$@"\n`, { mode: 0o755 });
  return { ENGINE: DOCKERD, SYSTEM: system, PATH: [commands, process.env.PATH].join(delimiter) };
}

const DOCKERD = join(PROJECT, "test", "matrix", "dockerd.sh");
/** Newest version of the engine on the Go module proxy, and its two programs, which are from one module. */
const VERSION_29 = "29.1.3";
const PROGRAMS_29: readonly GoProgram[] = ["dockerd", "docker-proxy"].map((binary) => ({
  name: `engine29-${binary}`,
  folder: "test/matrix/engine29",
  package: `github.com/moby/moby/v2/cmd/${binary}`,
  binary,
  ldflags: `-X github.com/moby/moby/v2/dockerversion.Version=${VERSION_29}`,
}));

export const ENGINES = {
  own: { from: "this machine", prepare: async () => ({}) },
  trixie: {
    from: "Debian 13",
    prepare: (log) => systemOf("trixie", log),
  },
  forky: {
    from: "Debian testing",
    prepare: (log) => systemOf("forky", log),
  },
  /** The engine itself is built from source; runc, containerd, iptables and nft are Debian's. */
  built29: {
    from: "Go module proxy, with runc and containerd of Debian testing",
    prepare: async (log) => {
      const programs = cacheFolder("engines", "29");
      mkdirSync(programs, { recursive: true });
      for (const program of PROGRAMS_29) await run("cp", [await build(program, { log }), programs]);
      return { ...(await systemOf("forky", log)), PROGRAMS: programs };
    },
  },
} satisfies Readonly<Record<string, Engine>>;
export type EngineName = keyof typeof ENGINES;

/** The engine needs procps for `docker top`. */
const PACKAGES = ["docker.io", "iptables", "nftables", "procps", "ca-certificates"];

/** Folder of a Debian system with an engine, built from its packages once. */
async function debian(suite: string, log: (line: string) => void): Promise<string> {
  const made = createHash("sha256").update(PACKAGES.join()).digest("hex").slice(0, 12);
  const folder = cacheFolder("engines", `${suite}-${made}`);
  if (existsSync(folder)) return folder;
  log(`making a system of Debian ${suite}`);
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.`);
  try {
    // A snapshot mirror serves expired lists of testing; their signatures are still verified.
    const options = ["--quiet", "--variant=minbase", '--aptopt=Acquire::Check-Valid-Until "false"'];
    await run("mmdebstrap", [...options, `--include=${PACKAGES.join()}`, "--format=directory", suite, scratch]);
    renameSync(scratch, folder);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    throw new SetupError(`could not create a system of Debian ${suite}:\n${errorTail(error)}`);
  }
  return folder;
}
