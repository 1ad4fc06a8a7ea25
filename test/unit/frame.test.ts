import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { withVerbs } from "../../components/host-script/withVerbs.ts";
import { unframed } from "../../components/lib/frame.ts";
import { quote } from "../../components/lib/quote.ts";

/** Runs a verb of a script whose `up` is these commands, as HostScript does. */
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

describe("what a script hands back", () => {
  it("is what it printed, whatever its login shell prints before and after it", () => {
    for (const before of ["", "echo Welcome to the host; ", "printf Welcome; ", "echo hi >&2; echo; "])
      for (const after of ["", "; echo bye", "; printf bye"])
        assert.equal(runVerb("echo one; echo; printf two", { before, after }).text, "one\n\ntwo", before + after);
  });
  it("is given to the next run as the script printed it, with its long lines whole, and as it is without marks", () => {
    const tell = 'printf "%s\\n" "$PULUMI_COMMAND_STDOUT"';
    const long = 'awk \'BEGIN { while (i++ < 20000) printf "x"; print "\\nend" }\'';
    for (const before of ["", "echo Welcome; "]) {
      const previous = runVerb(long, { before }).stdout;
      assert.equal(runVerb(tell, { previous, verb: "update" }).text, `${"x".repeat(20_000)}\nend`, before);
    }
    assert.equal(runVerb(tell, { previous: "one two" }).text, "one two");
    assert.equal(runVerb(tell).text, "");
  });
  it("is nothing where the shell never came to it", () => {
    for (const printed of [undefined, "", "Please log in as the user debian", "<dockernet:1>\nhalf of it"])
      assert.equal(unframed(printed), undefined);
  });
  it("comes back whole, in lines that the command provider can read, on both streams", () => {
    const { stdout, stderr, text } = runVerb(
      `awk 'BEGIN { while (i++ < 40000) printf "aé"; print ""; print "end" }' | tee /dev/fd/2`,
    );
    assert.equal(text, `${"aé".repeat(40_000)}\nend`);
    for (const line of `${stdout}\n${stderr}`.split("\n"))
      assert.ok(Buffer.byteLength(line) < 65_536, String(line.length));
    assert.equal(stderr.replaceAll("\n", ""), `${"aé".repeat(40_000)}end`);
    assert.ok(!`${stdout}${stderr}`.includes("\ufffd"));
  });
  it("is refused, and what was made is undone, where it is not what was expected", () => {
    const wrong = runVerb("echo WARNING: no such thing; echo abc", { expected: "[a-c]+" });
    assert.deepEqual([wrong.status, wrong.text], [1, undefined]);
    assert.match(wrong.stderr, /^frame-test printed what was not expected: WARNING: no such thing\ndown\n$/);
    assert.match(runVerb(":", { expected: "[a-c]+" }).stderr, /not expected: nothing/);
    assert.equal(runVerb("echo abc", { expected: "[a-c]+" }).text, "abc");
    assert.doesNotMatch(runVerb("echo x", { expected: "[a-c]+", verb: "update" }).stderr, /down/);
  });
  it("is printed without the marks when it failed, and leaves no file behind", () => {
    const { stdout, stderr, status } = runVerb("echo half; echo why >&2; return 3");
    assert.deepEqual([stdout, stderr, status], ["half\ndown\n", "why\n", 3]);
    for (const folder of ["/run", "/run/lock", tmpdir()])
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith("frame-test")),
        [],
        folder,
      );
  });
  it("is made for others to read, whatever the umask there", () => {
    assert.equal(runVerb("umask", { before: "umask 077; " }).text, "0022");
  });
});
