import { Buffer } from "node:buffer";
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { parsed } from "../lab/host/readJson.ts";

/** A client of an etcd cluster: its connections, and the API with which it reads and writes. */
export interface EtcdClient {
  readonly agent: Agent;
  readonly api: "v2" | "v3";
}

/** A client with the certificate of a cluster's clients. */
export const tlsClient = (credentials: { ca: string; cert: string; key: string }, api: "v2" | "v3"): EtcdClient => ({
  agent: new TlsAgent(credentials),
  api,
});

/** A client of a cluster without TLS. */
export const plainClient = (api: "v2" | "v3"): EtcdClient => ({ agent: new Agent(), api });

const Members = z.object({
  members: z.array(z.object({ name: z.string().default("unstarted"), isLearner: z.boolean().default(false) })),
});
const Versions = z.object({ etcdserver: z.string(), etcdcluster: z.string() });
const V2 = z.object({ node: z.object({ nodes: z.array(z.object({ value: z.string() })) }) });
const V3 = z.object({ kvs: z.array(z.object({ value: z.string() })).default([]) });

/** Names of the members that a member knows, sorted; learners, which have no vote, with a mark. */
export async function memberNames(client: EtcdClient, url: string): Promise<string[]> {
  const { members } = await ask(client, "POST", `${url}/v3/cluster/member/list`, "{}", Members);
  return members.map(({ name, isLearner }) => (isLearner ? `${name}?` : name)).sort();
}

/** The version of a member, and that of its cluster. */
export async function versionsOf(client: EtcdClient, url: string): Promise<string> {
  const { etcdserver, etcdcluster } = await ask(client, "GET", `${url}/version`, "", Versions);
  return `${etcdserver} ${etcdcluster}`;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The numbers that a {@link startWriter} wrote, as a member with a quorum has them. */
export async function written(client: EtcdClient, url: string): Promise<Set<number>> {
  if (client.api === "v2") {
    const { node } = await ask(client, "GET", `${url}/v2/keys/written?quorum=true`, "", V2);
    return new Set(node.nodes.map(({ value }) => Number(value)));
  }
  const range = JSON.stringify({ key: base64("written/"), range_end: base64("written0") });
  const { kvs } = await ask(client, "POST", `${url}/v3/kv/range`, range, V3);
  return new Set(kvs.map(({ value }) => Number(Buffer.from(value, "base64").toString())));
}

function write(client: EtcdClient, url: string, number: number): Promise<Answer> {
  if (client.api === "v2") return send(client, "PUT", `${url}/v2/keys/written/${number}`, `value=${number}`);
  const pair = { key: base64(`written/${number}`), value: base64(String(number)) };
  return send(client, "POST", `${url}/v3/kv/put`, JSON.stringify(pair));
}

interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

async function ask<T extends z.ZodType>(client: EtcdClient, method: string, url: string, body: string, as: T) {
  const { text } = await send(client, method, url, body);
  const answer = as.safeParse(parsed(text));
  if (!answer.success) throw new Error(`${url} answered ${text}`);
  return answer.data;
}

type Request = (url: string, options: RequestOptions, take: (answer: IncomingMessage) => void) => ClientRequest;

/** A request, which takes at most a second. */
function send({ agent }: EtcdClient, method: string, url: string, body = ""): Promise<Answer> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const request: Request = url.startsWith("https:") ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    request(url, { agent, method, headers, signal: AbortSignal.timeout(1000) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ ok: (answer.statusCode ?? 500) < 300, text }));
      answer.on("error", reject);
    })
      .on("error", reject)
      .end(body);
  });
}

export interface Writer {
  /** Stops it; returns the numbers that the cluster acknowledged, and the longest time between two of them. */
  readonly stop: () => Promise<{ readonly acknowledged: readonly number[]; readonly longestMs: number }>;
}

/** Writes numbers until stopped, as a client does that knows all members: each by the first one that answers. */
export function startWriter(client: EtcdClient, urls: readonly string[]): Writer {
  const acknowledged: number[] = [];
  let writing = true;
  let longestMs = 0;
  let last = performance.now();
  const done = (async () => {
    for (let n = 1, at = 0; writing; n += 1) {
      const { ok } = await write(client, urls[at % urls.length] ?? "", n).catch(() => ({ ok: false }));
      if (ok) {
        acknowledged.push(n);
        longestMs = Math.max(longestMs, Math.round(performance.now() - last));
        last = performance.now();
      } else at += 1;
      await setTimeout(20);
    }
  })();
  return {
    stop: async () => {
      writing = false;
      await done;
      return { acknowledged, longestMs };
    },
  };
}
