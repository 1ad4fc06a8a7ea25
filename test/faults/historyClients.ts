import { setTimeout } from "node:timers/promises";
import * as z from "zod";

/** What a client asked etcd for, and the answer that it got, as toolchain/go/linearizable reads it. */
export interface Operation extends Request, Partial<Answer> {
  readonly client: number;
  /** Time of the call, and of the answer, in nanoseconds. Without an answer it may have happened at any time, or never. */
  readonly call: number;
  readonly return?: number;
}

/** A write, a read, or a write on condition that the key has the expected value (compare and swap). */
export interface Request {
  readonly kind: "put" | "get" | "cas";
  readonly key: string;
  /** The value to write. */
  readonly value?: string;
  readonly expected?: string;
}

interface Answer {
  /** The key's value; empty if it has none. */
  readonly found: string;
  /** Whether a `cas` wrote. */
  readonly swapped: boolean;
}

export const KEYS = Array.from({ length: 8 }, (_, index) => `history/${index}`);
const CLIENTS_PER_MEMBER = 2;
const ANSWER_MS = 2000;
/** Pauses of a client: between two operations, and after one without an answer. */
const PAUSE_MS = { usual: 10, unanswered: 200 };

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const Range = z.object({ kvs: z.array(z.object({ value: z.string() })).default([]) });
const Txn = z.object({
  succeeded: z.boolean().default(false),
  responses: z.array(z.object({ response_range: Range.optional() })).default([]),
});

const valueIn = ({ kvs: [first] }: z.infer<typeof Range>): string =>
  first ? Buffer.from(first.value, "base64").toString() : "";

/** Sends a request to a member, through the gateway of its v3 API. Throws without an answer of the cluster. */
async function send(url: string, path: string, body: object): Promise<unknown> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(`${url}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body), signal });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

/** Reads a key through a member; `serializable` reads are the member's own, and may be stale. */
async function read(url: string, name: string, serializable = false): Promise<string> {
  return valueIn(Range.parse(await send(url, "range", { key: base64(name), serializable })));
}

async function ask(url: string, { kind, key: name, value = "", expected = "" }: Request): Promise<Partial<Answer>> {
  const key = base64(name);
  const put = { key, value: base64(value) };
  if (kind === "get") return { found: await read(url, name) };
  if (kind === "put") {
    await send(url, "put", put);
    return {};
  }
  const { succeeded, responses } = Txn.parse(
    await send(url, "txn", {
      compare: [{ key, target: "VALUE", result: "EQUAL", value: base64(expected) }],
      success: [{ request_put: put }],
      failure: [{ request_range: { key } }],
    }),
  );
  return succeeded ? { swapped: true } : { swapped: false, found: valueIn(Range.parse(responses[0]?.response_range)) };
}

/** Errors before a request is sent: it has had no effect. */
const UNSENT = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

const isSent = (error: unknown): boolean =>
  !(error instanceof TypeError && UNSENT.has((error.cause as { code?: string } | undefined)?.code ?? ""));

const now = (): number => Math.round(performance.now() * 1e6);

/** Carries a request out, and returns it with its answer; undefined if nothing was asked, or a read has no answer. */
async function operate(client: number, url: string, request: Request): Promise<Operation | undefined> {
  const call = now();
  try {
    const answer = await ask(url, request);
    return { client, ...request, call, ...answer, return: now() };
  } catch (error) {
    return request.kind !== "get" && isSent(error) ? { client, ...request, call } : undefined;
  }
}

const oneOf = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T;

/** A request at random. Every value is written once, so that a read tells which write it saw. */
function requestOf(value: string, seen: ReadonlyMap<string, string>): Request {
  const key = oneOf(KEYS);
  const kind = oneOf(["put", "get", "get", "cas"] as const);
  const expected = seen.get(key);
  if (kind === "get" || (kind === "cas" && expected === undefined)) return { kind: "get", key };
  return kind === "put" ? { kind, key, value } : { kind, key, value, expected };
}

/** Running clients, and what they have done so far. */
export interface Clients {
  readonly operations: readonly Operation[];
  readonly stop: () => Promise<void>;
}

/** Starts clients, two for each member, which ask that member only. */
export function startClients(urls: readonly string[]): Clients {
  const operations: Operation[] = [];
  let working = true;
  const work = async (client: number, url: string) => {
    const seen = new Map<string, string>();
    for (let n = 1; working; n += 1) {
      const done = await operate(client, url, requestOf(`${client}-${n}`, seen));
      if (done) operations.push(done);
      if (done?.found) seen.set(done.key, done.found);
      await setTimeout(done?.return === undefined ? PAUSE_MS.unanswered : PAUSE_MS.usual);
    }
  };
  const members = Array.from({ length: CLIENTS_PER_MEMBER }, () => urls).flat();
  const ended = Promise.all(members.map((url, index) => work(index, url)));
  return {
    operations,
    stop: async () => {
      working = false;
      await ended;
    },
  };
}

/** Reads all keys as a member itself has them, which may be stale, and records that as if it had been the cluster's answer. */
export async function readLocally(client: number, url: string): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (const key of KEYS) {
    const call = now();
    const found = await read(url, key, true);
    operations.push({ client, kind: "get", key, call, found, return: now() });
  }
  return operations;
}

/** Whether a member answers for the cluster: it takes part in a quorum. */
export const takesPart = async (url: string): Promise<boolean> =>
  read(url, KEYS[0] ?? "").then(
    () => true,
    () => false,
  );
