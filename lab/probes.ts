import { existsSync } from "node:fs";
import { connect } from "node:net";
import type { Check } from "../stacks/checks.ts";
import { attempt } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { execIn, inspect } from "./engine.ts";
import { readInterfaces } from "./interfaces.ts";

/** What a probe found: whether the check's sentence is true, and the fact that decided it. */
export interface Finding {
  readonly passed: boolean;
  readonly found: string;
}

type CheckOf<K extends Check["kind"]> = Extract<Check, { kind: K }>;
type Target = CheckOf<"ping">["to"];
type Source = CheckOf<"ping">["from"];

/** How long one probe waits for an answer before it calls that silence. */
const PATIENCE_SEC = 3;

/** A probe that cannot be made because what it starts from or is aimed at is not there. */
class Impossible extends Error {}

/** Makes the probe that a check describes. A container that is missing or stopped is a failed check, not an error. */
export async function probe(check: Check): Promise<Finding> {
  try {
    return await PROBES[check.kind](check as never);
  } catch (error) {
    if (error instanceof Impossible) return { passed: false, found: error.message };
    throw error;
  }
}

const PROBES: { readonly [K in Check["kind"]]: (check: CheckOf<K>) => Promise<Finding> } = {
  async ping({ from, to, expect }) {
    const address = await addressOf(to);
    const answered = (await runFrom(from, ["ping", "-c", "1", "-W", String(PATIENCE_SEC), address])) !== undefined;
    return { passed: answered === (expect === "reply"), found: `${answered ? "reply" : "silence"} from ${address}` };
  },

  async interface({ at, interface: name, expect }) {
    const text = await runFrom(at, ["ip", "-j", "address", "show"]);
    if (text === undefined) throw new Impossible("the program ip does not run there, so no interface can be seen");
    const state = readInterfaces(text).get(name) ?? "absent";
    const wanted = expect.state === "absent" ? "absent" : `up ${expect.address}`;
    return { passed: state === wanted, found: `${name} ${state}` };
  },

  async tcp({ to, port, expect }) {
    const address = await addressOf(to);
    const state = await knock(address, port);
    return { passed: (state === "open") === (expect === "open"), found: `${address}:${port} ${state}` };
  },

  async http({ from, to, port, expect }) {
    const url = `http://${await addressOf(to)}:${port}/`;
    const body =
      from === "host" ? await get(url) : await runFrom(from, ["curl", "-fsS", "-m", String(PATIENCE_SEC), url]);
    if (body === undefined) return { passed: false, found: `no page at ${url}` };
    const line = new RegExp(expect, "m").exec(body)?.[0];
    return { passed: line !== undefined, found: line ?? `another page at ${url}: ${body.trim().slice(0, 60)}` };
  },

  async dns({ from, name, expect }) {
    await running(from.container);
    const answer = (await execIn(from.container, ["getent", "ahostsv4", name]))?.split(/\s/)[0];
    const wanted = expect === "unknown" ? undefined : await addressOf(expect);
    return { passed: answer === wanted, found: answer ? `${name} is ${answer}` : `${name} is unknown` };
  },

  async published({ container, expect }) {
    const { published } = await running(container);
    const passed = JSON.stringify(published) === JSON.stringify([...expect].sort());
    return { passed, found: published.join(", ") || "nothing published" };
  },

  async environment({ container, variable, expect }) {
    await running(container);
    const value = await execIn(container, ["printenv", variable]);
    return { passed: value === expect, found: value === undefined ? `${variable} unset` : `${variable}=${value}` };
  },

  async counts({ to, port, requests }) {
    const url = `http://${await addressOf(to)}:${port}/`;
    const pages = await Promise.all(Array.from({ length: requests }, () => get(url)));
    const hits = pages.map((page) => Number(/seen (\d+) times/.exec(page ?? "")?.[1] ?? Number.NaN));
    const answered = hits.filter((hit) => !Number.isNaN(hit));
    if (answered.length < requests)
      return { passed: false, found: `${answered.length} of ${requests} visits answered` };
    const [least, most] = [Math.min(...hits), Math.max(...hits)];
    const distinct = new Set(hits).size;
    const found = `${distinct} different numbers from ${least} to ${most}`;
    return { passed: distinct === requests && most - least === requests - 1, found };
  },
};

async function running(name: string) {
  const [container] = await inspect([name]);
  if (!container) throw new Impossible(`there is no container ${name}`);
  if (!container.running) throw new Impossible(`the container ${name} does not run`);
  return container;
}

async function addressOf(target: Target): Promise<string> {
  if ("address" in target) return target.address;
  const address = Object.values((await running(target.container)).addresses).find((each) => each !== "");
  if (!address) throw new Impossible(`the container ${target.container} has no address`);
  return address;
}

/** What a command printed there; undefined when it failed. */
async function runFrom(source: Source, command: readonly string[]): Promise<string | undefined> {
  const [program = "", ...args] = command;
  const options = { timeoutMs: 2 * PATIENCE_SEC * 1_000 };
  if (source === "host") return attempt(program, args, options);
  if ("namespace" in source) {
    if (!existsSync(`/var/run/netns/${source.namespace}`)) {
      throw new Impossible(`there is no network namespace ${source.namespace}`);
    }
    if (process.getuid?.() !== 0) throw new SetupError("only root can look into a network namespace");
    return attempt("ip", ["netns", "exec", source.namespace, ...command], options);
  }
  await running(source.container);
  return execIn(source.container, command);
}

/** The body of a 200 answer. A visit may wait its turn, so this is more patient than a knock. */
const get = (url: string): Promise<string | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(5 * PATIENCE_SEC * 1_000) })
    .then((response) => (response.ok ? response.text() : undefined))
    .catch(() => undefined);

/** Tries to open a TCP connection and closes it at once. */
const knock = (host: string, port: number): Promise<"open" | "refused" | "silent"> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_SEC * 1_000 });
    const answer = (state: "open" | "refused" | "silent") => {
      socket.destroy();
      resolve(state);
    };
    socket.once("connect", () => answer("open"));
    socket.once("error", () => answer("refused"));
    socket.once("timeout", () => answer("silent"));
  });
