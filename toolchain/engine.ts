import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_ENGINE } from "../components/lib/dockerNames.ts";
import { aptInstall, canUseApt } from "./apt.ts";
import { engineRefusal } from "./engineRefusal.ts";
import { askSocket } from "./engineSocket.ts";
import { enter } from "./environment.ts";
import { attempt, errorTail, run, which } from "./run.ts";
import { SetupError, type Step } from "./step.ts";

const LOG = "/var/log/dockerd.log";
const SETTINGS = "/etc/docker/daemon.json";
/**
 * Option that gives each container its own cgroup namespace, which a container that runs systemd needs. On cgroup v1
 * the default is the host's (dockerd(8)).
 */
const CGROUP_OPTION = "default-cgroupns-mode";
const START_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 20_000;

/** The engine that the docker command talks to: DOCKER_HOST, else the docker context, else the default socket. */
export async function engineHost(): Promise<string> {
  await enter("engine.sh");
  return process.env.DOCKER_HOST ?? DEFAULT_ENGINE;
}

/** Runs `docker version`: returns the engine's version, or the error output. */
const askVersion = (): Promise<{ version: string } | { said: string }> =>
  run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: ANSWER_TIMEOUT_MS }).then(
    (version) => ({ version }),
    (error) => ({ said: errorTail(error) }),
  );

/** Provides a Docker engine: uses one that answers, else starts the installed one, else installs docker.io. */
export const engine: Step = {
  name: "engine",
  async look() {
    const host = await engineHost();
    const [asked, socket] = await Promise.all([
      askVersion(),
      host.startsWith("unix://") ? askSocket(host.slice("unix://".length), ANSWER_TIMEOUT_MS) : undefined,
    ]);
    if ("version" in asked) return { there: `Docker engine ${asked.version} at ${host}` };
    if (socket !== "absent" || host !== DEFAULT_ENGINE) requireCommand(host);
    refuse(asked.said);
    if (socket === "denied") {
      throw new SetupError(`permission denied at ${host}: join the group docker, or run this as root`);
    }
    if (host !== DEFAULT_ENGINE) {
      throw new SetupError(`no Docker engine answers at ${host}, the address in DOCKER_HOST or the docker context`);
    }
    // A second engine would damage the networks and data of the one that holds the socket.
    if (socket === "hangs") {
      throw new SetupError(`the Docker engine at ${host} accepts connections but does not respond: restart it`);
    }
    if (socket !== "absent") {
      const said = errorTail({ stderr: asked.said }, 1);
      throw new SetupError(`docker version failed, although a process listens at ${host}: ${said}`);
    }
    if (process.getuid?.() !== 0) {
      throw new SetupError(
        "no Docker engine answers at the default socket, and only root can install or start one; set DOCKER_HOST to use another",
      );
    }
    if (which("dockerd")) {
      requireCommand(host);
      return { missing: "the installed Docker engine (not running)", install: start };
    }
    if (!which("apt-get")) {
      throw new SetupError("no Docker engine answers, and the set-up cannot install one without apt-get");
    }
    await canUseApt("Docker engine");
    return { missing: "a Docker engine (docker.io, by apt)", install: installAndStart };
  },
};

/** Throws if the engine answers and refuses the docker command: waiting does not help. */
function refuse(said: string): void {
  const refused = engineRefusal(said, process.env.DOCKER_API_VERSION);
  if (refused) throw new SetupError(`the Docker engine cannot be used: ${refused.what}; ${refused.fix}`);
}

function requireCommand(host: string): void {
  if (which("docker")) return;
  throw new SetupError(
    `the docker command is missing; the labs use it to inspect the engine at ${host}: ` +
      "install it (package docker-ce-cli, docker-cli, or docker.io of Debian 12)",
  );
}

async function installAndStart(): Promise<string> {
  // Written before the package is installed, so that the engine's first start reads it.
  if (!existsSync(SETTINGS)) {
    mkdirSync(dirname(SETTINGS), { recursive: true });
    writeFileSync(SETTINGS, `${JSON.stringify({ [CGROUP_OPTION]: "private" })}\n`);
  }
  await aptInstall(["docker.io", "iptables"]);
  return start();
}

async function start(): Promise<string> {
  const systemd = existsSync("/run/systemd/system");
  const daemon = systemd ? undefined : startWithoutSystemd();
  const refused = systemd && (await attempt("systemctl", ["start", "docker"])) === undefined;
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const asked = await askVersion();
    if ("version" in asked) return `Docker engine ${asked.version}`;
    refuse(asked.said);
    if (refused || typeof daemon?.exitCode === "number" || Date.now() > until) break;
    await sleep(250);
  }
  const log = systemd
    ? await attempt("journalctl", ["-u", "docker", "-n", "15", "--no-pager"])
    : readFileSync(LOG, "utf8");
  throw new SetupError(
    `the Docker engine did not start; its last log lines:\n${log?.split("\n").slice(-15).join("\n")}`,
  );
}

function startWithoutSystemd(): ChildProcess {
  const log = openSync(LOG, "a");
  // If the user has a daemon.json, the engine gets no further options.
  const args = existsSync(SETTINGS) ? [] : [`--${CGROUP_OPTION}=private`];
  const daemon = spawn("dockerd", args, { detached: true, stdio: ["ignore", log, log] });
  daemon.unref();
  return daemon;
}
