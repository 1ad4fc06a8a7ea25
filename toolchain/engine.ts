import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { aptInstall, canUseApt } from "./apt.ts";
import { attempt, lastWords, run, which } from "./run.ts";
import { SetupError, type Step } from "./step.ts";

const LOG = "/var/log/dockerd.log";
const SETTINGS = "/etc/docker/daemon.json";
/**
 * On cgroup v1 an engine shares the host's cgroup namespace with its containers unless it is told otherwise, and a
 * container that runs systemd needs one of its own (dockerd(8)).
 */
const CGROUP_OPTION = "default-cgroupns-mode";
const START_TIMEOUT_MS = 60_000;
const DEFAULT_SOCKET = "unix:///var/run/docker.sock";

/** The engine that the docker command talks to: DOCKER_HOST, else the docker context, else the default socket. */
export async function engineHost(): Promise<string> {
  const context = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  return process.env.DOCKER_HOST || (await attempt("docker", context)) || DEFAULT_SOCKET;
}

const serverVersion = () =>
  attempt("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 20_000 }).then((v) => v || undefined);

/** A Docker engine: one that answers is used as it is; one that is installed is started; else docker.io is installed. */
export const engine: Step = {
  name: "engine",
  async look() {
    const host = await engineHost();
    const version = await serverVersion();
    if (version) return { there: `Docker engine ${version} at ${host}` };
    if (host !== DEFAULT_SOCKET) {
      throw new SetupError(`no Docker engine answers at ${host}, which DOCKER_HOST or the docker context names`);
    }
    if (process.getuid?.() !== 0) throw new SetupError(await whyNoAnswer());
    if (which("dockerd")) return { missing: "the Docker engine that is on it, to be started", install: start };
    if (!which("apt-get")) {
      throw new SetupError("no Docker engine answers, and without apt-get this set-up cannot install one");
    }
    await canUseApt("Docker engine");
    return { missing: "a Docker engine (docker.io by apt)", install: installAndStart };
  },
};

async function whyNoAnswer(): Promise<string> {
  const words = await run("docker", ["version"]).catch((error) => lastWords(error, 1));
  return /permission denied/i.test(words)
    ? `permission denied at ${DEFAULT_SOCKET}: become a member of the group docker, or run this as root`
    : "no Docker engine answers at the default socket, and only root can install or start one; set DOCKER_HOST to use another";
}

async function installAndStart(): Promise<string> {
  // Before the package, so that its first start reads it.
  if (!existsSync(SETTINGS)) {
    mkdirSync(dirname(SETTINGS), { recursive: true });
    writeFileSync(SETTINGS, `${JSON.stringify({ [CGROUP_OPTION]: "private" })}\n`);
  }
  await aptInstall(["docker.io", "iptables"]);
  return start();
}

async function start(): Promise<string> {
  const systemd = existsSync("/run/systemd/system");
  if (systemd) await run("systemctl", ["start", "docker"]);
  else startWithoutSystemd();
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const version = await serverVersion();
    if (version) return `Docker engine ${version}`;
    if (Date.now() > until) break;
    await sleep(250);
  }
  const log = systemd
    ? await attempt("journalctl", ["-u", "docker", "-n", "15", "--no-pager"])
    : readFileSync(LOG, "utf8");
  throw new SetupError(`the Docker engine did not start; its last words:\n${log?.split("\n").slice(-15).join("\n")}`);
}

function startWithoutSystemd(): void {
  const log = openSync(LOG, "a");
  // An engine whose settings are the user's own is started with them alone.
  const args = existsSync(SETTINGS) ? [] : [`--${CGROUP_OPTION}=private`];
  const daemon = spawn("dockerd", args, { detached: true, stdio: ["ignore", log, log] });
  daemon.unref();
}
