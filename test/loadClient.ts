import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/** Clients that ask for a page again and again, each one request at a time. */
export interface ClientGroup {
  readonly name: string;
  readonly clients: number;
  /** Where they ask, in turn. A request that fails at one is sent to the next, as a load balancer does. */
  readonly urls: readonly string[];
  /** Whether a connection serves more than one request. */
  readonly keepAlive: boolean;
  /**
   * Time for which a host that failed is not asked, even if there is no other one left: nginx's `fail_timeout`.
   * @default 0
   */
  readonly avoidMs?: number;
}

/** What a group of clients saw. */
export interface GroupReport {
  readonly group: ClientGroup;
  /** Texts of the answers with status 200. */
  readonly answers: readonly string[];
  /** Number of requests that failed at every URL. */
  readonly failed: number;
  /** Number of attempts that failed, by the error code of the connection or the HTTP status. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Time of the slowest request that was answered, with all its attempts. */
  readonly slowestMs: number;
  /** Longest time in which no request of the group was answered. */
  readonly silentMs: number;
}

/** Load that runs until it is stopped. */
export interface Load {
  readonly stop: () => Promise<GroupReport[]>;
}

/** Time between two requests of a client; 200 clients without one leave no processor for what is measured. */
const PAUSE_MS = 100;
/** Time limits of a connection and of an answer. */
const [CONNECT_MS, ANSWER_MS] = [1_000, 5_000];

/** Starts all clients. */
export function startLoad(groups: readonly ClientGroup[]): Load {
  const ending = new AbortController();
  const running = groups.map((group) => runGroup(group, ending.signal));
  return {
    stop: () => {
      ending.abort();
      return Promise.all(running);
    },
  };
}

async function runGroup(group: ClientGroup, ending: AbortSignal): Promise<GroupReport> {
  const agent = new Agent({ keepAlive: group.keepAlive });
  const answers: string[] = [];
  const attempts: Record<string, number> = {};
  const avoided = new Map<string, number>();
  const isAsked = (url: string) => (avoided.get(url) ?? 0) <= performance.now();
  let [failed, slowestMs, silentMs, answeredAt] = [0, 0, 0, performance.now()];
  const answered = (text: string, began: number) => {
    const now = performance.now();
    answers.push(text);
    slowestMs = Math.max(slowestMs, now - began);
    silentMs = Math.max(silentMs, now - answeredAt);
    answeredAt = now;
  };
  const client = async (index: number) => {
    await sleep((index / group.clients) * PAUSE_MS);
    for (let turn = index; !ending.aborted; turn += 1, await sleep(PAUSE_MS)) {
      const start = turn % group.urls.length;
      const order = [...group.urls.slice(start), ...group.urls.slice(0, start)].filter(isAsked);
      const began = performance.now();
      const text = await firstAnswer(order, agent, (url, cause) => {
        attempts[cause] = (attempts[cause] ?? 0) + 1;
        if (group.avoidMs) avoided.set(url, performance.now() + group.avoidMs);
      });
      if (text === undefined) failed += 1;
      else answered(text, began);
    }
  };
  await Promise.all(Array.from({ length: group.clients }, (_, index) => client(index)));
  agent.destroy();
  silentMs = Math.max(silentMs, performance.now() - answeredAt);
  return { group, answers, failed, attempts, slowestMs, silentMs };
}

async function firstAnswer(
  urls: readonly string[],
  agent: Agent,
  failedAt: (url: string, cause: string) => void,
): Promise<string | undefined> {
  for (const url of urls) {
    // A server may close a kept connection just when a request is sent. Browsers send it again, on a new connection.
    for (const by of [agent, false] as const) {
      try {
        return await ask(url, by);
      } catch (error) {
        const { message } = error as Error;
        failedAt(url, message);
        if (!message.endsWith(KEPT)) break;
      }
    }
  }
  return undefined;
}

const KEPT = " of a kept connection";

/** The text of an answer with status 200; rejects with the error code of the connection, or the status, as the message. */
function ask(url: string, agent: Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string) => reject(new Error(asking.reusedSocket ? `${cause}${KEPT}` : cause));
    const asking = request(url, { agent, timeout: ANSWER_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}`)),
      );
      response.on("error", (error) => fail(codeOf(error)));
    });
    const connecting = setTimeout(() => asking.destroy(new Error("no connection")), CONNECT_MS);
    asking.on("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => clearTimeout(connecting));
      else clearTimeout(connecting);
    });
    asking.on("timeout", () => asking.destroy(new Error("no answer")));
    asking.on("error", (error) => fail(codeOf(error)));
    asking.on("close", () => clearTimeout(connecting));
    asking.end();
  });
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message;
