import assert from "node:assert/strict";
import { errorRows } from "../../docs/errors.ts";
import { errorTexts, shellTexts, typeScriptTexts } from "../texts.ts";

const PAGE = "docs/troubleshooting.md";

const entries = (): string[] => errorRows().map(({ text }) => text);

describe("the page on troubleshooting", () => {
  it("has an entry for each error text of the sources", () => {
    const known = new Set(entries());
    const lacking = errorTexts().filter(({ text }) => !known.has(text));
    const rows = lacking.map(
      ({ text, file }) => `${file}:\n| \`${text.replaceAll("|", "\\|")}\` | what it means | what to do |`,
    );
    assert.deepEqual(rows, [], `add to ${PAGE}, in the table of its area:\n${rows.join("\n")}`);
  });

  it("has no entry for a text that no source has", () => {
    const texts = new Set(errorTexts().map(({ text }) => text));
    const stale = entries().filter((text) => !texts.has(text));
    assert.deepEqual(stale, [], `remove from ${PAGE}, or correct: ${stale.join("\n")}`);
  });

  it("has each text once", () => {
    const all = entries();
    assert.deepEqual(
      all.filter((each, index) => all.indexOf(each) < index),
      [],
    );
  });
});

describe("the texts of errors", () => {
  it("of TypeScript are in errors, schemas, and functions that return problems", () => {
    const source = `
      throw new SetupError(\`there is no \${kind} \${name}\`);
      throw new Error(one ? "a first case" : \`another case: \${two}\` + " of two");
      const schema = z.string({ error: ({ input }) => \`expected a word, got \${input}\` });
      const other = z.string(expected("a name")).min(1, expected(what));
      context.addIssue("expected each once");
      const nameProblem = (name: string) => (fits(name) ? undefined : \`expected a path, got \${name}\`);
      say("this is no error");
      throw new Error(errorTail(error));
    `;
    assert.deepEqual(typeScriptTexts(source), [
      "there is no … …",
      "a first case",
      "another case: … of two",
      "expected a word, got …",
      "expected a name, got …",
      "expected each once",
      "expected a path, got …",
    ]);
  });

  it("are not in a function that returns findings, except for its errors", () => {
    const source = `
      async function keyProblem(file: string): Promise<Judgement | undefined> {
        if (!file) throw new SetupError("there is no file");
        return { level: "problem", what: "it is not there", fix: "name another" };
      }
      const refusal = (said: string): Judgement => ({ ...problem, what: \`it said \${said} again\` });
    `;
    assert.deepEqual(typeScriptTexts(source), ["there is no file"]);
  });

  it("of sh are on standard error, with the prefixes of the functions that print them", () => {
    const source = [
      "refuse() {",
      '  echo "thing $NAME: $1" >&2',
      "  exit 1",
      "}",
      'exists && refuse "exists already ($(readlink "$1")) and is not ours"',
      'echo "only for programs"',
      '[ -e "$x" ] || echo "no file $x" \\',
      '  "in the folder" >&2',
    ].join("\n");
    assert.deepEqual(shellTexts(source), ["thing …: exists already (…) and is not ours", "no file … in the folder"]);
  });
});
