import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type Operation, readLocally, startClients, takesPart } from "../faults/historyClients.ts";
import { type HistoryResult, historyProblems, historySection, phaseOf } from "../faults/historyResults.ts";

interface Asked {
  readonly key?: string;
  readonly value?: string;
  readonly serializable?: boolean;
  readonly compare?: readonly { readonly key: string; readonly value: string }[];
  readonly success?: readonly { readonly request_put: { readonly value: string } }[];
}

/** A member of etcd, of a cluster of one: what its gateway answers to the three requests. */
function member(values: Map<string, string>, answers: () => boolean): Server {
  const range = (key = "") => (values.has(key) ? { kvs: [{ key, value: values.get(key) }] } : {});
  const answerTo = (path: string, { key = "", value = "", compare: [asked] = [], success = [] }: Asked): object => {
    if (path === "/v3/kv/range") return range(key);
    if (path === "/v3/kv/put") {
      values.set(key, value);
      return {};
    }
    if (asked === undefined || values.get(asked.key) !== asked.value) {
      return { responses: [{ response_range: range(asked?.key) }] };
    }
    values.set(asked.key, success[0]?.request_put.value ?? "");
    return { succeeded: true, responses: [{ response_put: {} }] };
  };
  return createServer(async (request, response) => {
    const text = (await request.toArray()).join("");
    const answer = answerTo(request.url ?? "", JSON.parse(text));
    response.statusCode = answers() ? 200 : 503;
    response.end(JSON.stringify(answers() ? answer : { error: "etcdserver: request timed out" }));
  });
}

const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

describe("the clients of a history", () => {
  let server: Server;
  let url: string;
  let answers: boolean;
  beforeEach(async () => {
    answers = true;
    server = member(new Map(), () => answers);
    url = await listening(server);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const workUntil = async (isDone: (operations: readonly Operation[]) => boolean): Promise<readonly Operation[]> => {
    const { operations, stop } = startClients([url]);
    for (const end = Date.now() + 15_000; !isDone(operations) && Date.now() < end; ) await setTimeout(20);
    await stop();
    return operations;
  };

  it("write, read, and compare and swap, each with the time of its call and of its answer", async function () {
    this.timeout(20_000);
    const kinds = ["put", "get", "cas"] as const;
    const has = (operations: readonly Operation[], wanted: string) => operations.some(({ kind }) => kind === wanted);
    const operations = await workUntil(
      (all) => kinds.every((kind) => has(all, kind)) && all.some(({ swapped }) => swapped),
    );
    for (const kind of kinds) assert.ok(has(operations, kind), kind);
    for (const each of operations)
      assert.ok(each.return !== undefined && each.return >= each.call, JSON.stringify(each));
    const written = operations.flatMap(({ value }) => value ?? []);
    assert.equal(new Set(written).size, written.length);
    const swaps = operations.filter(({ kind }) => kind === "cas");
    assert.ok(swaps.some(({ swapped }) => swapped));
    for (const { swapped, found } of swaps) assert.equal(swapped, found === undefined);
  });

  it("record writes without an answer, and no reads", async function () {
    this.timeout(20_000);
    answers = false;
    // A request is a write at random.
    const operations = await workUntil((all) => all.length > 0);
    assert.ok(operations.length > 0);
    for (const each of operations) assert.deepEqual([each.kind, each.return], ["put", undefined]);
    assert.equal(await takesPart(url), false);
  });

  it("record nothing that was not sent", async () => {
    server.closeAllConnections();
    server.close();
    const began = Date.now();
    assert.deepEqual(await workUntil(() => Date.now() - began > 300), []);
  });

  it("read what a member has by itself, a read for each key", async () => {
    const operations = await readLocally(9, url);
    assert.deepEqual(
      operations.map(({ client, kind, found }) => `${client} ${kind} ${found}`),
      Array(8).fill("9 get "),
    );
    assert.equal(await takesPart(url), true);
  });
});

describe("the result of a history", () => {
  const second = 1e9;
  const operations: readonly Operation[] = [
    { client: 0, kind: "put", key: "k", value: "a", call: 1 * second, return: 2 * second },
    { client: 0, kind: "get", key: "k", found: "a", call: 2 * second, return: 4 * second },
    { client: 1, kind: "put", key: "k", value: "b", call: 5 * second },
    {
      client: 0,
      kind: "cas",
      key: "k",
      value: "c",
      expected: "b",
      swapped: true,
      call: 5 * second,
      return: 6 * second,
    },
    { client: 0, kind: "put", key: "k", value: "d", call: 19 * second, return: 21 * second },
  ];
  const phase = phaseOf("the leader killed", operations, 1000, 20_000);
  const result: HistoryResult = {
    id: "etcd",
    at: "2026-11-29T10:00:00.000Z",
    seconds: 100,
    phases: [{ ...phase, answered: 1000 }],
    verdict: "linearizable",
    checkSec: 0.5,
    stale: 8,
    control: "not linearizable",
    problems: [],
  };

  it("counts what ended in a phase, and its longest time without an acknowledged write", () => {
    assert.deepEqual(phase, { title: "the leader killed", seconds: 19, answered: 3, unanswered: 1, longestSec: 14 });
  });

  it("is good only if the history is linearizable, the control is not, and enough was done", () => {
    assert.deepEqual(historyProblems(result), []);
    const bad: readonly (readonly [Partial<HistoryResult>, RegExp])[] = [
      [{ verdict: "not linearizable" }, /^the history is not linearizable: see /],
      [{ verdict: "undecided" }, /^the history is undecided: see /],
      [{ control: "linearizable" }, /8 stale reads is linearizable, so the check proves nothing/],
      [{ control: "undecided" }, /so the check proves nothing/],
      [{ phases: [phase] }, /^the leader killed: only 3 operations/],
      [{ problems: ["check 9.3 fails"] }, /^check 9.3 fails/],
    ];
    for (const [changed, says] of bad) {
      const [problem = "", ...more] = historyProblems({ ...result, ...changed });
      assert.match(problem, says);
      assert.deepEqual(more, []);
    }
  });

  it("stays on the page until the next run", () => {
    const section = historySection("# Faults\n", [result]);
    assert.match(
      section,
      /^## Linearizability of etcd\n[\s\S]*\*\*linearizable\*\*[\s\S]*\| the leader killed \| 19 \| 1000 \| 1 \| 14\.0 \|$/,
    );
    assert.equal(historySection(`# Faults\n\n${section}\n\n## More\n`, []), section);
    assert.equal(historySection(`# Faults\n\n${section}\n`, []), section);
    assert.match(historySection("# Faults\n", []), /Not run yet/);
  });
});
