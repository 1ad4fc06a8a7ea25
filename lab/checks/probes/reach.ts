import { isIPv4 } from "node:net";
import type { Check } from "../../../stacks/checks.ts";
import type { Machines } from "../../host/machine.ts";
import { pingAnswer, pingCommand } from "../../host/ping.ts";
import { ProbeError } from "../../host/probeError.ts";
import { probeTcp, type TcpAnswer } from "../../host/probeTcp.ts";
import { addressOf, type Finding, PATIENCE_SEC, runFrom, sayFrom } from "./from.ts";

type CheckOf<K extends Check["kind"]> = Extract<Check, { kind: K }>;

/** Whether an address answers an echo request (icmp(7)). */
export async function ping({ from, to, size, expect }: CheckOf<"ping">, machines: Machines): Promise<Finding> {
  const address = await addressOf(machines, to);
  const command = pingCommand(address, PATIENCE_SEC, size);
  // What a name stands for is the container's affair.
  const said = await sayFrom(machines, from, command, isIPv4(address) ? "network" : "container");
  const answer = pingAnswer(said);
  if (answer === undefined) throw new ProbeError(`no ping was sent: ${said.text.split("\n").at(-1)}`);
  return { passed: answer === expect, found: `${answer} from ${address}${size ? ` to ${size} bytes` : ""}` };
}

/** Whether a service takes connections. */
export async function tcp({ from, to, port, expect }: CheckOf<"tcp">, machines: Machines): Promise<Finding> {
  const address = await addressOf(machines, to);
  const state =
    from === "host" ? await probeTcp(address, port, PATIENCE_SEC) : await probeTcpFrom(machines, from, address, port);
  return { passed: (state === "open") === (expect === "open"), found: `${address}:${port} ${state}` };
}

/** Whether a page is served, and which. */
export async function http(
  { from, to, port, expect }: CheckOf<"http">,
  machines: Machines,
  signal: AbortSignal,
): Promise<Finding> {
  const url = `http://${await addressOf(machines, to)}:${port}/`;
  const fetched = ["curl", "--noproxy", "*", "-fsS", "-m", String(PATIENCE_SEC), url];
  const body = from === "host" ? await get(url, signal) : await runFrom(machines, from, fetched);
  if (body === undefined) return { passed: false, found: `no page at ${url}` };
  const line = new RegExp(expect, "m").exec(body)?.[0];
  return { passed: line !== undefined, found: line ?? `another page at ${url}: ${body.trim().slice(0, 60)}` };
}

/** Exit codes of a shell whose command could not be run. */
const NOT_RUN = ["126", "127"];

/** What a name stands for inside a container. */
export async function dns({ from, name, expect }: CheckOf<"dns">, machines: Machines): Promise<Finding> {
  const script = `timeout ${2 * PATIENCE_SEC} getent ahostsv4 "$0"; echo "exit code $?"`;
  const said = await runFrom(machines, from, ["sh", "-c", script, name]);
  const [, code] = /exit code (\d+)$/.exec(said ?? "") ?? [];
  if (code === undefined || NOT_RUN.includes(code)) throw new ProbeError("the program getent does not run there");
  const answer = code === "0" ? said?.split(/\s/)[0] : undefined;
  const wanted = expect === "unknown" ? undefined : await addressOf(machines, expect);
  return { passed: answer === wanted, found: answer ? `${name} is ${answer}` : `${name} is unknown` };
}

/** Whether every one of many visits at once is counted, and counted once. */
export async function counts(
  { to, port, requests }: CheckOf<"counts">,
  machines: Machines,
  signal: AbortSignal,
): Promise<Finding> {
  const url = `http://${await addressOf(machines, to)}:${port}/`;
  const pages = await Promise.all(Array.from({ length: requests }, () => get(url, signal)));
  const hits = pages.map((page) => Number(/seen (\d+) times/.exec(page ?? "")?.[1] ?? Number.NaN));
  const answered = hits.filter((hit) => !Number.isNaN(hit));
  if (answered.length < requests) return { passed: false, found: `${answered.length} of ${requests} visits answered` };
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  const distinct = new Set(hits).size;
  const found = `${distinct} different numbers from ${least} to ${most}`;
  return { passed: distinct === requests && most - least === requests - 1, found };
}

/** How long a visit may wait for its turn among many. */
const VISIT_MS = 5 * PATIENCE_SEC * 1_000;

/**
 * The body of a 200 answer. Each visit has a connection of its own: one that is kept from an earlier visit may be closed
 * by the server at the moment that it is used again.
 */
const get = (url: string, signal: AbortSignal): Promise<string | undefined> =>
  fetch(url, { headers: { connection: "close" }, signal: AbortSignal.any([signal, AbortSignal.timeout(VISIT_MS)]) })
    .then((response) => (response.ok ? response.text() : undefined))
    .catch(() => undefined);

/** As {@link probeTcp}, from elsewhere, by bash, whose redirections open connections (bash(1), REDIRECTION). */
async function probeTcpFrom(
  machines: Machines,
  from: Exclude<CheckOf<"tcp">["from"], "host">,
  host: string,
  port: number,
): Promise<TcpAnswer> {
  const script = `timeout ${PATIENCE_SEC} bash -c '</dev/tcp/$0/$1' "$0" "$1" 2>/dev/null; echo $?`;
  const code = await runFrom(machines, from, ["sh", "-c", script, host, String(port)]);
  if (code === undefined) throw new ProbeError("no shell runs there");
  return code === "0" ? "open" : code === "124" ? "silent" : "refused";
}
