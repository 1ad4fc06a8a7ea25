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
 * On cgroup v1 an engine shares the host's cgroup namespace with its containers unless it is told otherwise, and a
 * container that runs systemd needs one of its own (dockerd(8)).
 */
const CGROUP_OPTION = "default-cgroupns-mode";
const START_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 20_000;

/** The engine that the docker command talks to: DOCKER_HOST, else the docker context, else the default socket. */
export async function engineHost(): Promise<string> {
  await enter("engine.sh");
  return process.env.DOCKER_HOST ?? DEFAULT_ENGINE;
}

/** What the docker command says of the engine: its version, or why there is none. */
const askVersion = (): Promise<{ version: string } | { said: string }> =>
  run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: ANSWER_TIMEOUT_MS }).then(
    (version) => ({ version }),
    (error) => ({ said: errorTail(error) }),
  );

/** A Docker engine: one that answers is used as it is; one that is installed is started; else docker.io is installed. */
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
      throw new SetupError(`permission denied at ${host}: become a member of the group docker, or run this as root`);
    }
    if (host !== DEFAULT_ENGINE) {
      throw new SetupError(`no Docker engine answers at ${host}, which DOCKER_HOST or the docker context names`);
    }
    // Whatever holds the socket, a second engine beside it would take its networks and its data apart.
    if (socket === "hangs") {
      throw new SetupError(`the Docker engine at ${host} takes connections and says nothing: restart it`);
    }
    if (socket !== "absent") {
      const said = errorTail({ stderr: asked.said }, 1);
      throw new SetupError(`something answers at ${host}, and tells the docker command no version: ${said}`);
    }
    if (process.getuid?.() !== 0) {
      throw new SetupError(
        "no Docker engine answers at the default socket, and only root can install or start one; set DOCKER_HOST to use another",
      );
    }
    if (which("dockerd")) {
      requireCommand(host);
      return { missing: "the Docker engine that is on it, to be started", install: start };
    }
    if (!which("apt-get")) {
      throw new SetupError("no Docker engine answers, and without apt-get this set-up cannot install one");
    }
    await canUseApt("Docker engine");
    return { missing: "a Docker engine (docker.io by apt)", install: installAndStart };
  },
};

/** Ends the set-up where the engine answers and refuses the docker command, which no waiting mends. */
function refuse(said: string): void {
  const refused = engineRefusal(said, process.env.DOCKER_API_VERSION);
  if (refused) throw new SetupError(`the Docker engine cannot be used: ${refused.what}; ${refused.fix}`);
}

function requireCommand(host: string): void {
  if (which("docker")) return;
  throw new SetupError(
    `the command docker is missing, by which the labs look at the engine at ${host}: ` +
      "install it (package docker-ce-cli, docker-cli, or docker.io of Debian 12)",
  );
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
  throw new SetupError(`the Docker engine did not start; its last words:\n${log?.split("\n").slice(-15).join("\n")}`);
}

function startWithoutSystemd(): ChildProcess {
  const log = openSync(LOG, "a");
  // An engine whose settings are the user's own is started with them alone.
  const args = existsSync(SETTINGS) ? [] : [`--${CGROUP_OPTION}=private`];
  const daemon = spawn("dockerd", args, { detached: true, stdio: ["ignore", log, log] });
  daemon.unref();
  return daemon;
}
