import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./cache.ts";
import { errorTail, run, which } from "./run.ts";
import { SetupError } from "./step.ts";
import { VERSIONS } from "./versions.ts";

/** A program built from a Go module of this project. */
export interface GoProgram {
  readonly name: string;
  /** Folder of the module, relative to the project's root. */
  readonly folder: string;
  /** Go package to build: an import path, or `.` for the module's own main package. */
  readonly package: string;
  readonly binary: string;
  readonly ldflags?: string;
}

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const CLI_VERSION = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${VERSIONS.pulumi}`;

export const GO_PROGRAMS: readonly GoProgram[] = [
  {
    name: "cli",
    folder: "toolchain/go/cli",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    binary: "pulumi",
    ldflags: `-X ${CLI_VERSION}`,
  },
  {
    name: "language-nodejs",
    folder: "toolchain/go/language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    binary: "pulumi-language-nodejs",
  },
  {
    name: "language-python",
    folder: "toolchain/go/language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
    binary: "pulumi-language-python",
  },
  { name: "python-sdk", folder: "toolchain/go/python-sdk", package: ".", binary: "pulumi-python-sdk" },
  { name: "docker", folder: "toolchain/go/docker", package: ".", binary: "pulumi-resource-docker" },
  { name: "command", folder: "toolchain/go/command", package: ".", binary: "pulumi-resource-command" },
  { name: "linearizable", folder: "toolchain/go/linearizable", package: ".", binary: "linearizable" },
];

export function goProgramNamed(name: string): GoProgram {
  const program = GO_PROGRAMS.find((each) => each.name === name);
  if (!program) throw new Error(`unknown Go program ${name}`);
  return program;
}

/** The path of a program if the cache has it, built from its current sources. */
export function isBuilt(program: GoProgram): string | undefined {
  const path = pathOf(program);
  return existsSync(path) ? path : undefined;
}

/** Builds a program unless the cache has it; returns its path. Safe to call from two processes at once. */
export async function build(
  program: GoProgram,
  { log = () => {} }: { log?: (line: string) => void } = {},
): Promise<string> {
  const target = pathOf(program);
  if (existsSync(target)) return target;
  await requireGo(program);
  log(`building ${program.binary} from source`);
  const began = performance.now();
  mkdirSync(dirname(dirname(target)), { recursive: true });
  const scratch = mkdtempSync(`${dirname(target)}.`);
  try {
    const made = join(scratch, program.binary);
    const ldflags = `-s -w ${program.ldflags ?? ""}`;
    await run("go", ["build", "-ldflags", ldflags, "-o", made, program.package], {
      cwd: goFolder(program),
      env: await goEnvironment(),
    }).catch((error) => {
      throw new SetupError(`could not build ${program.binary}:\n${errorTail(error)}`);
    });
    mkdirSync(dirname(target), { recursive: true });
    renameSync(made, target);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  log(`built ${program.binary} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return target;
}

/**
 * Environment variables for Go, for building a program and for its tests, which share Go's build cache only with the same
 * flags. Other Go settings of the machine, such as GOPROXY, apply.
 */
export async function goEnvironment(): Promise<NodeJS.ProcessEnv> {
  const [sumdb, flags] = await Promise.all([run("go", ["env", "GONOSUMDB"]), run("go", ["env", "GOFLAGS"])]);
  // The checksum database does not have this module; go.sum pins it.
  const unlisted = [sumdb, "github.com/kreuzwerker"].filter(Boolean);
  return {
    CGO_ENABLED: "0",
    GOWORK: "off",
    GONOSUMDB: unlisted.join(","),
    // No VCS stamping: it would make builds differ, and fails if git does not trust the checkout.
    GOFLAGS: [flags, "-mod=readonly", "-buildvcs=false", "-trimpath"].filter(Boolean).join(" "),
  };
}

/** Folder of a program's module. */
export const goFolder = (program: GoProgram): string => join(PROJECT, program.folder);

const pathOf = (program: GoProgram): string =>
  cacheFolder("toolchain", `${program.name}-${hashOf(program)}`, program.binary);

/**
 * The build cache's key: a hash of everything that determines the program except the version of Go, which only has to
 * be recent enough.
 */
function hashOf(program: GoProgram): string {
  const folder = goFolder(program);
  const hash = createHash("sha256").update(
    JSON.stringify([program.package, program.ldflags, process.platform, process.arch]),
  );
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name) && !entry.name.endsWith("_test.go"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(`\0${relative(folder, file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}

async function requireGo(program: GoProgram): Promise<void> {
  const [, needed = ""] = /^go ([\d.]+)/m.exec(readFileSync(join(goFolder(program), "go.mod"), "utf8")) ?? [];
  const needs = `building ${program.binary} from source requires Go ${needed} or newer`;
  if (!which("go")) throw new SetupError(`missing: Go; ${needs}`);
  // In the module's folder, where an older Go may download the required toolchain if GOTOOLCHAIN allows it.
  const says = await run("go", ["version"], { cwd: goFolder(program) }).catch((error) => {
    throw new SetupError(`${needs}; go version failed: ${errorTail(error, 1)}`);
  });
  const [, has = ""] = /go(\d+\.\d+(\.\d+)?)/.exec(says) ?? [];
  if (has === "") throw new SetupError(`${needs}; go version printed: ${says}`);
  if (has.localeCompare(needed, "en", { numeric: true }) < 0) {
    throw new SetupError(`${needs}; this machine has ${has}`);
  }
}
