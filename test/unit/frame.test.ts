import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { withVerbs } from "../../components/host-script/scriptText.ts";
import { unframed } from "../../components/lib/frame.ts";
import { quote } from "../../components/lib/quote.ts";

/** Runs a verb of a script with these commands as its `up`, like HostScript. */
function runVerb(up: string, { verb = "up", before = "", after = "", expected = "", previous = "" } = {}) {
  const script = [
    `STEP=frame-test EXPECTED=${quote(expected)}`,
    "check() { :; }",
    `up() { ${up}\n}`,
    "down() { echo down; }",
  ].join("\n");
  const command = `${before}sh -s -- ${verb}${after}`;
  const { stdout, stderr, status } = spawnSync("sh", ["-c", command], {
    input: withVerbs(script),
    encoding: "utf8",
    env: { ...process.env, PULUMI_COMMAND_STDOUT: previous },
  });
  return { stdout, stderr, status, text: unframed(stdout) };
}

describe("the output of a script", () => {
  it("is what it printed, whatever its login shell prints before and after it", () => {
    for (const before of ["", "echo Welcome to the host; ", "printf Welcome; ", "echo hi >&2; echo; "])
      for (const after of ["", "; echo bye", "; printf bye"])
        assert.equal(runVerb("echo one; echo; printf two", { before, after }).text, "one\n\ntwo", before + after);
  });
  it("is passed to its next run as it was printed, with long lines joined, and unchanged without marks", () => {
    const tell = 'printf "%s\\n" "$PULUMI_COMMAND_STDOUT"';
    const long = 'awk \'BEGIN { while (i++ < 20000) printf "x"; print "\\nend" }\'';
    for (const before of ["", "echo Welcome; "]) {
      const previous = runVerb(long, { before }).stdout;
      assert.equal(runVerb(tell, { previous, verb: "update" }).text, `${"x".repeat(20_000)}\nend`, before);
    }
    assert.equal(runVerb(tell, { previous: "one two" }).text, "one two");
    assert.equal(runVerb(tell).text, "");
  });
  it("is undefined if the shell never ran it", () => {
    for (const printed of [undefined, "", "Please log in as the user debian", "<dockernet:1>\nhalf of it"])
      assert.equal(unframed(printed), undefined);
  });
  it("is complete, in lines that the command provider can read, on both streams", () => {
    const { stdout, stderr, text } = runVerb(
      `awk 'BEGIN { while (i++ < 40000) printf "aé"; print ""; print "end" }' | tee /dev/fd/2`,
    );
    assert.equal(text, `${"aé".repeat(40_000)}\nend`);
    for (const line of `${stdout}\n${stderr}`.split("\n"))
      assert.ok(Buffer.byteLength(line) < 65_536, String(line.length));
    assert.equal(stderr.replaceAll("\n", ""), `${"aé".repeat(40_000)}end`);
    assert.ok(!`${stdout}${stderr}`.includes("\ufffd"));
  });
  it("is refused, and the creation undone, if it does not match the expected pattern", () => {
    const wrong = runVerb("echo WARNING: no such thing; echo abc", { expected: "[a-c]+" });
    assert.deepEqual([wrong.status, wrong.text], [1, undefined]);
    assert.match(wrong.stderr, /^frame-test printed what was not expected: WARNING: no such thing\ndown\n$/);
    assert.match(runVerb(":", { expected: "[a-c]+" }).stderr, /not expected: nothing/);
    assert.equal(runVerb("echo abc", { expected: "[a-c]+" }).text, "abc");
    assert.doesNotMatch(runVerb("echo x", { expected: "[a-c]+", verb: "update" }).stderr, /down/);
  });
  it("is printed without the marks when it failed, and no file remains", () => {
    const { stdout, stderr, status } = runVerb("echo half; echo why >&2; return 3");
    assert.deepEqual([stdout, stderr, status], ["half\ndown\n", "why\n", 3]);
    for (const folder of ["/run", "/run/lock", tmpdir()])
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith("frame-test")),
        [],
        folder,
      );
  });
  it("has files that other users can read, whatever the umask there", () => {
    assert.equal(runVerb("umask", { before: "umask 077; " }).text, "0022");
  });
});
