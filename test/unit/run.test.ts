import assert from "node:assert/strict";
import { attempt, run } from "../../toolchain/run.ts";

describe("run", () => {
  it("returns the output of a command, and throws that of a failed one", async () => {
    assert.equal(await run("sh", ["-c", "echo ' one '; echo two >&2"]), "one");
    await assert.rejects(run("sh", ["-c", "echo broken >&2; exit 3"]), /broken/);
    assert.equal(await attempt("no-such-command", []), undefined);
  });

  it("treats a command that times out as failed, even if it then exits with 0", async () => {
    const obedient = "trap 'exit 0' TERM; sleep 5 & wait";
    await assert.rejects(run("sh", ["-c", obedient], { timeoutMs: 200 }), /sh was not done in 200 ms/);
  });
});
