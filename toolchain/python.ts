import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { aptInstall, canUseApt } from "./apt.ts";
import { build, goEnvironment, goFolder, goProgramNamed } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { attempt, errorTail, run } from "./run.ts";
import { SetupError } from "./step.ts";

const REQUIREMENTS = fileURLToPath(new URL("python/requirements.txt", import.meta.url));
const SDK = "github.com/pulumi/pulumi/sdk/v3";
const EXECUTOR = "pulumi-language-python-exec";

/** The toolchain for Pulumi programs in Python: the language host, and an interpreter with Pulumi's SDK. */
export interface PythonToolchain {
  /** Folder of the language host, for PATH. */
  readonly folder: string;
  /** Path of the interpreter, for the variable PULUMI_PYTHON_CMD, which the language host reads. */
  readonly python: string;
}

/**
 * Provides the toolchain for Python programs, from source and from PyPI, unless the cache has it. Only tests need it, so
 * the set-up does not.
 */
export async function pythonToolchain(log: (line: string) => void = () => {}): Promise<PythonToolchain> {
  const host = await build(goProgramNamed("language-python"), { log });
  const hash = createHash("sha256").update(host).update(readFileSync(REQUIREMENTS));
  const folder = cacheFolder("toolchain", `python-${hash.digest("hex").slice(0, 12)}`);
  const toolchain = { folder, python: join(folder, "venv", "bin", "python") };
  if (existsSync(folder)) return toolchain;
  log("installing Pulumi's SDK for Python from PyPI");
  const scratch = mkdtempSync(`${folder}.`);
  try {
    copyFileSync(host, join(scratch, basename(host)));
    copyFileSync(await executor(), join(scratch, EXECUTOR));
    await install(join(scratch, "venv"));
    renameSync(scratch, folder);
  } catch (error) {
    rmSync(scratch, { recursive: true });
    if (!existsSync(folder)) throw error; // else another process was faster
  }
  return toolchain;
}

/** Generates the Python SDK of a package schema, and installs it in a folder for the variable PYTHONPATH. */
export async function installPythonSdk({ python }: PythonToolchain, schema: string, folder: string): Promise<void> {
  const source = join(dirname(folder), `${basename(folder)}-source`);
  mkdirSync(source);
  await run(await build(goProgramNamed("python-sdk")), [schema, source]);
  await pip(python, ["--no-deps", "--no-build-isolation", "--target", folder, source]);
}

/** The script with which the language host runs a program; it is in the host's module. */
async function executor(): Promise<string> {
  const list = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK];
  const module = await run("go", list, {
    cwd: goFolder(goProgramNamed("language-python")),
    env: await goEnvironment(),
  });
  return join(module, "python", "cmd", EXECUTOR);
}

async function install(venv: string): Promise<void> {
  if ((await attempt("python3", ["-c", "import ensurepip"])) === undefined) {
    await canUseApt("python3-venv");
    await aptInstall(["python3-venv"]);
  }
  await run("python3", ["-m", "venv", venv]);
  await pip(join(venv, "bin", "python"), ["--requirement", REQUIREMENTS]);
}

async function pip(python: string, args: readonly string[]): Promise<void> {
  const always = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"];
  await run(python, [...always, ...args]).catch((error) => {
    throw new SetupError(`pip failed: ${errorTail(error)}`);
  });
}
