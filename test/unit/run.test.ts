import assert from "node:assert/strict";
import { attempt, run } from "../../toolchain/run.ts";

describe("run", () => {
  it("gives what a command printed, and throws what one that fails said", async () => {
    assert.equal(await run("sh", ["-c", "echo ' one '; echo two >&2"]), "one");
    await assert.rejects(run("sh", ["-c", "echo broken >&2; exit 3"]), /broken/);
    assert.equal(await attempt("no-such-command", []), undefined);
  });

  it("takes a command that runs out of time for one that failed, even if it then ends well", async () => {
    const obedient = "trap 'exit 0' TERM; sleep 5 & wait";
    await assert.rejects(run("sh", ["-c", obedient], { timeoutMs: 200 }), /sh was not done in 200 ms/);
  });
});
