import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { defaultPort, defaultSubnet } from "../../components/lib/identity.ts";
import { LAB_NAMES } from "../../stacks/labs/index.ts";
import { attempt, run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { type Lab, must } from "./lab.ts";

const UP = "pulumi up";
const up = (lab: Lab) => must(lab.up());
const PORTS = LAB_NAMES.indexOf("ports");
const identity = (lab: Lab) => ({ project: "dockernet", stack: lab.name });
const image = async (container: string) => run("docker", ["inspect", "--format", "{{.Image}}", container]);

/** Runs an `up` that must fail; returns its output. */
async function fails(lab: Lab, ...more: Parameters<Lab["up"]>): Promise<string> {
  const { code, text } = await lab.up(...more);
  assert.notEqual(code, 0, text);
  return text;
}

/** An engine that answers pings and fails every other request, at this socket. */
async function failingEngine(socket: string) {
  const server = createHttpServer(({ url = "" }, response) => {
    const isPing = url.endsWith("/_ping");
    response.writeHead(isPing ? 200 : 500, { "Api-Version": "1.41", "Content-Type": "application/json" });
    response.end(isPing ? "OK" : JSON.stringify({ message: "layer does not exist" }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return () => new Promise((resolve) => server.close(resolve));
}

export const engineFaults: readonly Fault<Lab>[] = [
  {
    id: "R46",
    title: "published port taken by a process",
    protects: "the process that uses the port",
    inject: async (lab) => {
      const holder = createServer();
      const port = defaultPort(identity(lab), PORTS);
      await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
      const said = await fails(lab);
      return { said, end: () => new Promise((resolve) => holder.close(resolve)) };
    },
    says: [/port \S+:\d+ is taken by the process node \(\d+\); choose another in its settings/],
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R47",
    title: "subnet overlaps another network",
    protects: "the other network",
    inject: async (lab) => {
      const name = `overlap-of-${lab.name}`;
      await run("docker", ["network", "create", "--subnet", defaultSubnet(identity(lab), PORTS), name]);
      return { said: await fails(lab), end: () => run("docker", ["network", "rm", name]) };
    },
    says: [/\d+\.\d+\.\d+\.0\/24 overlaps the network overlap-of-\S+ \(\S+\).*; choose another in its settings/],
    way: UP,
    heal: up,
  },
  {
    id: "R48",
    title: "names taken by a container and a namespace of another owner",
    protects: "the other container and namespace",
    inject: async (lab) => {
      const [web, test1] = [lab.named("web"), lab.named("test1")];
      await run("docker", ["create", "--name", web, await image(`stranger-of-${lab.name}`)]);
      await run("ip", ["netns", "add", test1]);
      const own = async () => [
        await attempt("docker", ["inspect", "--format", "{{.Id}} {{.Created}}", web]),
        await attempt("stat", ["--format", "%i", `/run/netns/${test1}`]),
      ];
      const before = await own();
      const said = await fails(lab, "--continue-on-error");
      assert.deepEqual(await own(), before, "what somebody else has was touched");
      return {
        said,
        end: async () => {
          await run("docker", ["rm", web]);
          await run("ip", ["netns", "delete", test1]);
        },
      };
    },
    says: [
      /The container name "\/dockernet-\S+-web" is already in use by container/,
      /network namespace \S+-test1: exists already and does not belong to dockernet\/\S+; it was left unchanged/,
    ],
    way: UP,
    heal: up,
  },
  {
    id: "R49",
    title: "image that no registry serves",
    protects: "no container is created without its image",
    inject: async (lab) => {
      const said = await fails(lab, { DOCKERNET_IMAGES: "official" });
      const made = await lab.environment.objects();
      assert.deepEqual(
        made.filter((name) => name !== `dockernet-${lab.name}-ports-net`),
        [],
      );
      return { said };
    },
    says: [/nginx:\S+/, /registry-1\.docker\.io|error pulling image/],
    way: UP,
    heal: up,
  },
  {
    id: "R50",
    title: "container that exits before it is ready",
    protects: "the other containers; the failed one is in the state",
    inject: async (lab) => {
      const name = lab.named("web-unpublished");
      const running = lab.begin("up");
      await running.saw(/docker:index:Container web-unpublished creating/);
      while ((await attempt("docker", ["kill", name])) === undefined) await setTimeout(50);
      const { code, text } = await running.ended;
      assert.notEqual(code, 0, text);
      return { said: text };
    },
    says: [/Container \(web-unpublished\)/, /exited|not running|unhealthy/],
    way: UP,
    heal: up,
  },
  {
    id: "R52",
    title: "container of another owner on a network that is destroyed",
    protects: "the other container",
    inject: async (lab) => {
      await must(lab.up());
      const [network, stranger] = [lab.named("ports-net"), `stranger-of-${lab.name}`];
      await run("docker", ["network", "connect", network, stranger]);
      const { code, text, seconds } = await lab.destroy();
      assert.notEqual(code, 0, text);
      assert.ok(seconds < 90, `it waited for ${seconds} s`);
      return { said: text, end: () => run("docker", ["network", "disconnect", network, stranger]) };
    },
    says: [/network \S*ports-net \S*.*has active endpoints/],
    way: "pulumi destroy",
    heal: (lab) => must(lab.destroy()),
    outcome: "gone",
  },
];

/** Recreates what no refresh detects, and runs a refresh (docs/decisions/host-scripts.md). */
const REPAIR = ["--refresh", "--replace", "**NetworkNamespace**:Command::*", "--replace", "**VethPair**:Command::*"];

export const runningFaults: readonly Fault<Lab>[] = [
  {
    id: "R51",
    title: "container removed, container stopped and namespace deleted by hand",
    protects: "the hits of the counter",
    inject: async (lab) => {
      await run("docker", ["rm", "--force", lab.named("test7")]);
      await run("docker", ["stop", lab.named("flask-redis")]);
      await run("ip", ["netns", "delete", lab.named("test1")]);
      const { code, text } = await lab.ask("verify");
      assert.equal(code, 1, text);
      return { said: text };
    },
    says: [
      /FAILED .*there is no container \S+-test7/,
      /FAILED .*the container \S+-flask-redis does not run/,
      /FAILED .*there is no network namespace \S+-test1/,
    ],
    way: `pulumi up ${REPAIR.join(" ")}`,
    heal: (lab) => must(lab.up(...REPAIR)),
  },
  {
    id: "R45",
    title: "engine that answers pings and fails every other request",
    protects: "each resource in the state; nothing counts as deleted",
    inject: async (lab) => {
      const folder = mkdtempSync(join(tmpdir(), "dockernet-engine-"));
      const socket = join(folder, "docker.sock");
      const close = await failingEngine(socket);
      const before = readFileSync(lab.stateFile, "utf8");
      const sick = { DOCKER_HOST: `unix://${socket}` };
      const said = await fails(lab, "--refresh", sick);
      const { code, text } = await lab.destroy("--refresh", sick);
      assert.notEqual(code, 0, text);
      assert.equal(readFileSync(lab.stateFile, "utf8"), before, "the state was changed");
      return {
        said: `${said}\n${text}`,
        end: async () => {
          await close();
          rmSync(folder, { recursive: true });
        },
      };
    },
    says: [/the Docker engine at \S+ fails requests: layer does not exist; restart it/],
    way: "nothing",
  },
];
