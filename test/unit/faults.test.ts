import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { FAULT_KINDS } from "../faults/catalogue.ts";
import type { Fault, World } from "../faults/fault.ts";
import { rowsOf, rowTally } from "../faults/report.ts";
import { makeFaults } from "../faults/run.ts";
import { lostOf } from "../faults/swarmWorld.ts";
import { UNCOVERED } from "../faults/uncovered.ts";

/** Rows of the reliability list, and of the catalogue of a swarm. */
const ROWS = { R: 71, S: 27 };

/** A world with only the problems that a test sets. */
const world = (wrong: Partial<Record<"problems" | "lost" | "leftovers", string[]>>, closed: () => void): World => ({
  problems: async () => wrong.problems ?? [],
  lost: async () => wrong.lost ?? [],
  leftovers: async () => wrong.leftovers ?? [],
  remains: async () => [],
  reset: async () => undefined,
  close: async () => closed(),
});

describe("the faults", () => {
  const made = FAULT_KINDS.flatMap(({ faults }) => faults);

  it("are all of the list, each once: covered, or with a reason why not", () => {
    const ids = [...made, ...UNCOVERED].map(({ id }) => id).sort();
    assert.deepEqual(
      ids,
      Object.entries(ROWS).flatMap(([letter, rows]) =>
        Array.from({ length: rows }, (_, i) => `${letter}${String(i + 1).padStart(2, "0")}`),
      ),
    );
  });

  it("keep the row of a run in another checkout, and count what was survived", () => {
    const old = "| R01 | a fault | 2/3 | 5.5/6.4 | nothing | `a \\| b` | no changes | 2026-11-24 |";
    const swarm = "| S01 | a fault | 1/1 | 5.5/6.4 | nothing | | no changes (hits 1 → 2) | 2026-11-29 |";
    const waiting = "| R02 | another | not run yet | - | nothing | | no changes | - |";
    assert.deepEqual(
      [...rowsOf(`# Faults\n${waiting}\n${old}\n${swarm}\n`)],
      [
        ["R01", old],
        ["S01", swarm],
      ],
    );
    assert.equal(rowTally([old, waiting, old]), "survived 4/6");
  });

  it("each have an expected text, and at most one command as the repair", () => {
    for (const { id, says, way, heal } of made) {
      assert.ok(says.length > 0, id);
      assert.ok(way === "nothing" ? heal === undefined : /^(pulumi|lab) [^;&]+$/.test(way), `${id}: ${way}`);
    }
  });

  it("of a swarm lose something if the swarm, a service or hits of the counter are not as before", () => {
    const before = { swarm: "a", service: "b me", hits: 7 };
    assert.deepEqual(lostOf(before, { ...before, hits: 8 }), []);
    assert.deepEqual(lostOf(before, { swarm: "x", service: "b me", hits: 6 }), [
      "the swarm a is x",
      "the counter was at 7 and is at 6",
    ]);
    assert.equal(lostOf(before, {}).length, 3);
  });

  const fault: Fault = {
    id: "R00",
    title: "test",
    protects: "nothing",
    inject: async () => ({ said: "it broke" }),
    says: [/broke/],
    way: "lab recover",
    heal: async () => setTimeout(1),
  };
  const make = async (changed: Partial<Fault>, wrong: Parameters<typeof world>[0] = {}) => {
    let [worlds, closed] = [0, 0];
    const kind = {
      name: "test",
      make: async () => {
        worlds += 1;
        return world(wrong, () => {
          closed += 1;
        });
      },
      faults: [{ ...fault, ...changed }],
    };
    const [result] = await makeFaults([kind], 2, () => undefined);
    return { outturns: result?.outturns ?? [], worlds, closed };
  };

  it("are survived if the text matches and all is green, and then share a world", async () => {
    const { outturns, worlds, closed } = await make({});
    assert.deepEqual(
      outturns.map(({ survived }) => survived),
      [true, true],
    );
    assert.deepEqual([worlds, closed], [1, 1]);
  });

  it("are not survived if the text does not match, something is lost, or the repair fails: then the world is replaced", async () => {
    const cases: readonly [string, Partial<Fault>, Parameters<typeof world>[0]][] = [
      ["it does not say /melted/", { says: [/melted/] }, {}],
      ["a key is lost", {}, { lost: ["a key is lost"] }],
      ["no way", { heal: () => Promise.reject(new Error("no way")) }, {}],
    ];
    for (const [problem, changed, wrong] of cases) {
      const { outturns, worlds, closed } = await make(changed, wrong);
      for (const { survived, problems } of outturns) assert.deepEqual([survived, problems], [false, [problem]]);
      assert.deepEqual([worlds, closed], [2, 2]);
    }
  });
});
