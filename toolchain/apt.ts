import { readFileSync } from "node:fs";
import { attempt, errorTail, run, which } from "./run.ts";
import { SetupError } from "./step.ts";

/** Makes sure that this process may install Debian packages; `what` is what they are for. */
export async function canUseApt(what: string): Promise<void> {
  const lacks = [
    ...(process.getuid?.() === 0 ? [] : [`root (this is user ${process.getuid?.() ?? "unknown"})`]),
    ...(which("apt-get") ? [] : [`apt-get (this is ${distribution()})`]),
  ];
  if (lacks.length > 0) {
    throw new SetupError(`missing: ${what}; installing it needs ${lacks.join(" and ")}, so install it by hand`);
  }
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "an unknown system";
  } catch {
    return process.platform;
  }
}

/** Installs Debian packages, without their recommendations; reads the package lists first when they are not there. */
export async function aptInstall(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // Another apt may be at work on a fresh machine: wait for it instead of failing.
  const install = ["-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", ...packages];
  try {
    if ((await attempt("apt-get", [...install, "--simulate"], { env })) === undefined) {
      await run("apt-get", ["-qq", "update"], { env });
    }
    await run("apt-get", install, { env }).catch(async () => {
      // Lists that are there may be too old to name what the mirror still has.
      await run("apt-get", ["-qq", "update"], { env });
      await run("apt-get", install, { env });
    });
  } catch (error) {
    throw new SetupError(`apt-get could not install ${packages.join(", ")}:\n${errorTail(error, 8)}`);
  }
}
