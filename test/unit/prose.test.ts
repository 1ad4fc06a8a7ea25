import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { proseOf } from "../prose.ts";

/** Files whose texts are checked, as Git pathspecs. */
const CHECKED = [
  "*.md",
  "index.ts",
  "docs/*.ts",
  "components/*.ts",
  "components/*.sh",
  "lab/*.ts",
  "lab/*.sh",
  "stacks/*.ts",
  "stacks/*.sh",
  "toolchain/*.ts",
  "test/*.ts",
  "bench/*.ts",
  "*Dockerfile",
];

/** Vague words. Name the thing instead: the process, the user, another stack, the engine. */
const VAGUE = /\b(nobody|somebody|whoever|what there is|of ours|is no more(?! than)|anew)\b/i;

const files = (): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", ...CHECKED], {
    cwd: PROJECT,
    encoding: "utf8",
  })
    .split("\n")
    .filter(Boolean);

describe("docs, messages, comments and test titles", () => {
  it("name things instead of using vague words", function () {
    this.timeout(60_000);
    const found = files().flatMap((file) =>
      proseOf(file, readFileSync(join(PROJECT, file), "utf8"))
        .filter(({ text }) => VAGUE.test(text))
        .map(({ text, line }) => `${file}:${line}: ${text.trim()}`),
    );
    assert.deepEqual(found, [], found.join("\n"));
  });

  it("of Markdown are its prose, without console output and code", () => {
    const page = "somebody\n```console\n$ who\nnobody\n```\n```sh\nls # whoever\n```\n`nobody` anew\n";
    assert.deepEqual(
      proseOf("a.md", page).filter(({ text }) => VAGUE.test(text)),
      [
        { text: "somebody", line: 1 },
        { text: "ls # whoever", line: 7 },
        { text: " anew", line: 9 },
      ],
    );
  });

  it("of TypeScript are comments and strings; of a test only comments and titles", () => {
    const source = [
      "/** whoever */",
      'const a = "nobody", b = /somebody/;',
      `f(\`anew \${a} of ours\`); // what there is`,
      'it("is somebody", () => assert.match(a, "nobody"));',
      "{",
      "  // is no more",
      "}",
    ].join("\n");
    const vague = (file: string) =>
      proseOf(file, source)
        .filter(({ text }) => VAGUE.test(text))
        .map(({ line }) => line);
    assert.deepEqual(vague("lab/a.ts"), [1, 2, 3, 3, 3, 4, 4, 6]);
    assert.deepEqual(vague("test/a.ts"), [1, 3, 4, 6]);
  });

  it("of shell scripts and Dockerfiles are comments, and of scripts also messages", () => {
    const source = 'FROM x\nUSER nobody # somebody\n  # whoever\nls "$#nobody"\necho "nobody answers" >&2\n';
    const vague = (file: string) =>
      proseOf(file, source)
        .filter(({ text }) => VAGUE.test(text))
        .map(({ text }) => text);
    assert.deepEqual(vague("images/a/Dockerfile"), ["# somebody", "# whoever"]);
    assert.deepEqual(vague("a.sh"), ["# somebody", "# whoever", "nobody answers"]);
  });
});
