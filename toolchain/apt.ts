import { readFileSync } from "node:fs";
import { attempt, errorTail, run, which } from "./run.ts";
import { SetupError } from "./step.ts";

/**
 * Throws a {@link SetupError} unless this process can install Debian packages (root and apt-get); `what` names what is
 * missing.
 */
export async function canUseApt(what: string): Promise<void> {
  const lacks = [
    ...(process.getuid?.() === 0 ? [] : [`root (this is user ${process.getuid?.() ?? "unknown"})`]),
    ...(which("apt-get") ? [] : [`apt-get (this is ${distribution()})`]),
  ];
  if (lacks.length > 0) {
    throw new SetupError(`missing: ${what}; installing it requires ${lacks.join(" and ")}: install it by hand`);
  }
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "an unknown system";
  } catch {
    return process.platform;
  }
}

/** Installs Debian packages without recommended ones; runs `apt-get update` first if the package lists are missing. */
export async function aptInstall(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // Another apt process may be running on a fresh machine: wait for its lock instead of failing.
  const install = ["-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", ...packages];
  try {
    if ((await attempt("apt-get", [...install, "--simulate"], { env })) === undefined) {
      await run("apt-get", ["-qq", "update"], { env });
    }
    await run("apt-get", install, { env }).catch(async () => {
      // Existing lists may be outdated and name versions that the mirror no longer has.
      await run("apt-get", ["-qq", "update"], { env });
      await run("apt-get", install, { env });
    });
  } catch (error) {
    throw new SetupError(`apt-get could not install ${packages.join(", ")}:\n${errorTail(error, 8)}`);
  }
}
