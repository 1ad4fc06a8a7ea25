import assert from "node:assert/strict";
import { parseSettingsFile } from "../../lab/state/settingsFile.ts";

const parse = (text: string) => parseSettingsFile("stacks/Pulumi.mine.yaml", text);

describe("a settings file", () => {
  const broken: readonly [what: string, text: string, line: number, said: string][] = [
    ["a tab", "config:\n\tdockernet:labs: [ports]\n", 2, "a tab; YAML is indented by spaces"],
    [
      "a key twice",
      "config:\n  dockernet:labs: [ports]\n  dockernet:labs: [links]\n",
      3,
      "the key dockernet:labs is there already, in line 2",
    ],
    [
      "a key with and without its namespace",
      "config:\n  dockernet:labs: [ports]\n  labs: [links]\n",
      3,
      "the key labs is there already, in line 2",
    ],
    [
      "a key twice in a map",
      "config:\n  dockernet:ports:\n    port: 80\n    port: 81\n",
      4,
      "the key port is there already, in line 3",
    ],
    [
      "a list for settings",
      "config:\n  - dockernet:labs: [ports]\n",
      2,
      "expected a map of settings below config, got a list",
    ],
    ["a word for settings", "config: none\n", 1, 'expected a map of settings below config, got "none"'],
    ["a list", "- config\n", 1, "expected a map with the key config, got a list"],
    ["a word", "# mine\nhello\n", 2, 'expected a map with the key config, got "hello"'],
    ["two documents", "config: {}\n---\nconfig: {}\n", 2, "a second document begins; a settings file has one"],
    [
      "a setting outside of config",
      "config:\n  dockernet:labs: [ports]\ndockernet:publishAddress: 0.0.0.0\n",
      3,
      "dockernet:publishAddress does nothing here; settings are indented below config:",
    ],
    [
      "a setting after the salt",
      "config: {}\nencryptionsalt: v1:x\n  dockernet:labs: [ports]\n",
      2,
      "this is not YAML: Nested mappings are not allowed in compact mappings",
    ],
    [
      "an unterminated list",
      "config:\n  dockernet:labs: [ports\n",
      2,
      "this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    [
      "an undefined alias",
      "config:\n  dockernet:labs: *mine\n",
      2,
      "this is not YAML: Unresolved alias (the anchor must be set before the alias): mine",
    ],
    [
      "a misspelled namespace",
      "config:\n  dockernt:labs: [ports]\n",
      2,
      "dockernt:labs: no such setting; those of this project begin with dockernet:",
    ],
  ];
  for (const [what, text, line, said] of broken) {
    it(`with ${what} is refused in one sentence with file and line`, () =>
      assert.deepEqual(parse(text).problems, [`stacks/Pulumi.mine.yaml:${line}: ${said}`]));
  }

  for (const [what, text] of [
    ["nothing", ""],
    ["a comment", "# mine\n"],
    ["an empty config", "config:\n"],
    ["a config without settings", "config: {}\nencryptionsalt: v1:x\n"],
  ]) {
    it(`with ${what} means all defaults, as for Pulumi`, () =>
      assert.deepEqual(parse(text ?? ""), { values: {}, problems: [] }));
  }

  it("returns values in Pulumi's form, and treats a key without a namespace as this project's", () => {
    const text = [
      "config:",
      "  labs: [ports]",
      "  dockernet:ports: { port: 80 }",
      "  dockernet:config:publishAddress: 0.0.0.0",
      "  prot: 80",
      "  docker:host: unix:///run/docker.sock",
      "  dockernet:hidden: { secure: AAAB }",
    ];
    assert.deepEqual(parse(text.join("\n")), {
      values: { labs: '["ports"]', ports: '{"port":80}', publishAddress: "0.0.0.0", prot: "80" },
      problems: [],
    });
  });
});
