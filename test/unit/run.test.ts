import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run, which } from "../../toolchain/run.ts";

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

describe("which", () => {
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-which-"));
  const path = process.env.PATH;
  after(() => {
    process.env.PATH = path;
    rmSync(scratch, { recursive: true });
  });

  it("finds the first program on PATH that can be run, without the folders to pass over", () => {
    const [folder = "", plain = "", one = "", other = ""] = ["a", "b", "c", "d"].map((name) => join(scratch, name));
    mkdirSync(join(folder, "tool"), { recursive: true });
    for (const each of [plain, one, other]) mkdirSync(each);
    writeFileSync(join(plain, "tool"), "", { mode: 0o644 });
    for (const each of [one, other]) writeFileSync(join(each, "tool"), "", { mode: 0o755 });
    process.env.PATH = [folder, plain, one, other].join(":");
    assert.equal(which("tool"), join(one, "tool"));
    assert.equal(
      which("tool", (each) => each === one),
      join(other, "tool"),
    );
    assert.equal(which("no-such-tool"), undefined);
  });
});
