import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { assignments, readScript, withVerbs } from "../../components/host-script/scriptText.ts";
import { shellScript } from "../../lab/host/facts.ts";
import { PROJECT } from "../../toolchain/environment.ts";

const SHARED = ["prelude", "look", "owned"].map((name) => `components/host-script/${name}.sh`);
const urlOf = (file: string) => pathToFileURL(join(PROJECT, file));
const textOf = (file: string) => readFileSync(join(PROJECT, file), "utf8");
const functionsOf = (text: string) => [...text.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name = ""]) => name);
const VERBS = "components/host-script/verbs.sh";
/** The scripts of components and the lab command, without those that others include. */
const scripts = ["components", "lab"]
  .flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith(".sh"))
  .filter((file, _, all) => !all.some((each) => textOf(each).includes(`# shellcheck source=${file}\n`)))
  .filter((file) => file !== VERBS);

describe("the text of a script", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-script-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return pathToFileURL(join(folder, name));
  };
  const program = (name: string, text: string) => {
    file(name, `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const run = (script: URL, call: string, variables: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-s"], {
      input: `${assignments(variables)}\n${readScript(script)}\n${call}\n`,
      encoding: "utf8",
      env: { PATH: [folder, process.env.PATH].join(delimiter) },
    });
    return { status, stdout, stderr };
  };
  after(() => rmSync(folder, { recursive: true }));

  it("has each included file in the place of its line, relative to the including one, without directives", () => {
    file("inner.sh", "# shellcheck shell=sh\ninner() { :; }\n\n");
    file("outer.sh", "# shellcheck shell=sh\n# shellcheck source=any/inner.sh\n. ./inner.sh\nouter() { :; }\n");
    const script = file(
      "script.sh",
      '# shellcheck shell=sh\n# Head.\n. ./outer.sh\n\n. "$root/other.sh"\n. /etc/os-release\n',
    );
    assert.equal(
      readScript(script),
      '# shellcheck shell=sh\n# Head.\ninner() { :; }\nouter() { :; }\n\n. "$root/other.sh"\n. /etc/os-release\n',
    );
  });

  it("fails for a file that does not exist", () => {
    assert.throws(() => readScript(file("broken.sh", ". ./absent.sh\n")), /ENOENT.*absent\.sh/);
  });

  it("has variables in one order, each quoted", () => {
    assert.equal(assignments({ B: "it's", A: "$(1)" }), "A='$(1)'\nB='it'\\''s'");
  });

  it("can be parsed, and includes every shared function that it calls", () => {
    assert.ok(scripts.length > 20, scripts.join());
    const shared = SHARED.flatMap((each) => functionsOf(textOf(each)));
    for (const each of scripts) {
      const text = readScript(urlOf(each));
      const { status, stderr } = spawnSync("sh", ["-n"], { input: withVerbs(text), encoding: "utf8" });
      assert.equal(status, 0, `${each}: ${stderr}`);
      const code = text.replaceAll(/^\s*#.*$/gm, "");
      const called = shared.filter((name) => new RegExp(`(^|[;|&({] *|\\$\\()${name}\\b(?!\\()`, "m").test(code));
      assert.deepEqual(
        called.filter((name) => !functionsOf(text).includes(name)),
        [],
        each,
      );
    }
  });

  it("is sent without comments and empty lines, and is the same program", () => {
    const minified = (input: string) => {
      const { status, stdout, stderr } = spawnSync("shfmt", ["-ln", "posix", "-mn"], { input, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      return stdout.replaceAll(/[\s;]+/g, ""); // shfmt breaks a line where a comment was
    };
    for (const each of scripts) {
      const text = readScript(urlOf(each));
      const sent = withVerbs(text);
      assert.ok(sent.length < 0.9 * (text.length + textOf(VERBS).length), each);
      assert.ok(minified(sent) === minified(`${text}\n${readScript(urlOf(VERBS))}`), each);
    }
  });

  it("defines no function twice, nor one of verbs.sh", () => {
    for (const each of scripts) {
      const all = functionsOf(withVerbs(readScript(urlOf(each))));
      assert.deepEqual(
        all.filter((name, index) => all.indexOf(name) < index),
        [],
        each,
      );
    }
  });

  it("ends with the subject and the reason when it refuses, with exit code 1 or the given one", () => {
    const prelude = urlOf("components/host-script/prelude.sh");
    const refused = (call: string) => run(prelude, call, { SUBJECT: "thing web" });
    assert.deepEqual(refused('refuse "port 80 is taken"'), {
      status: 1,
      stdout: "",
      stderr: "thing web: port 80 is taken\n",
    });
    assert.equal(refused('refuse "the engine does not answer" 3').status, 3);
    assert.equal(
      refused("require_program no-such-program its-package").stderr,
      "thing web: the program no-such-program is missing (package its-package)\n",
    );
    assert.equal(refused("require_program sh dash").status, 0);
  });

  it("takes settings for the same that differ in comments only", () => {
    const [one = "", two = "", three = ""] = ["# Owner: a\nx", "# Owner: b\nx", "# Owner: a\ny"].map((text, index) => {
      file(`settings-${index}`, `${text}\n`);
      return join(folder, `settings-${index}`);
    });
    const prelude = urlOf("components/host-script/prelude.sh");
    const same = (a: string, b: string) => run(prelude, `same_settings ${a} ${b}`).status === 0;
    assert.deepEqual([same(one, two), same(one, three), same(one, join(folder, "absent"))], [true, false, false]);
  });

  it("looks by its checks, and tells what passed, what failed and what is unknown", () => {
    const script = file(
      "look.sh",
      `${textOf("components/host-script/look.sh")}
check_good() { echo noise; }
check_bad() { echo "first" >&2; echo "last" >&2; exit 1; }
check_mute() { return 1; }
check_unknown() { echo "no lists" >&2; exit 3; }
`,
    );
    assert.equal(
      run(script, "look good bad mute unknown", { LOOK_SEC: "6" }).stdout,
      "check.good\ncheck.bad last\ncheck.mute failed\nunseen.unknown no lists\n",
    );
    assert.match(run(script, "look good").stderr, /LOOK_SEC/);
  });

  it("refuses an engine without cluster stores, which it asks with the time limit of a look", () => {
    program("docker", "echo 28.0.0 1.48");
    program("timeout", `echo "$1" >>${folder}/limits\nshift\nexec "$@"`);
    const look = {
      script: urlOf("components/cluster-store-engine/engine.sh"),
      variables: { LOOK_SEC: "6" },
      call: "look engine",
    };
    const { stdout } = spawnSync("sh", ["-s"], {
      input: shellScript([look]),
      encoding: "utf8",
      env: { PATH: [folder, process.env.PATH].join(delimiter) },
    });
    assert.match(stdout, /^check\.engine cluster store of .*: it is version 28\.0\.0, and Docker dropped .*\n$/);
    assert.equal(readFileSync(join(folder, "limits"), "utf8"), "6\n");
  });

  it("prints the interfaces that carry a mark, and removes the owner's only", () => {
    const line = (name: string, alias: string) =>
      `7: ${name}@if2: <UP> mtu 1500 \\    link/ether 02:00:00:00:00:01 \\    alias ${alias}`;
    const veths = `cat <<'END'\n${line("veth-a", "dockernet/mine")}\n${line("veth-b", "dockernet/mine ")}\nEND`;
    const taps = `cat <<'END'\n${line("vm-a", "dockernet/mine").replace("@if2", "")}\nEND`;
    program("ip", `case "$*" in *veth) ${veths}\n;; *tun) ${taps}\n;; esac`);
    assert.equal(
      run(urlOf("lab/commands/sweep/interface.sh"), "owned").stdout,
      "interface\tveth-a\tdockernet/mine\ninterface\tveth-b\tdockernet/mine \ninterface\tvm-a\tdockernet/mine\n",
    );
    const own = { NAME: "veth-a", OWNER: "dockernet/mine" };
    program("ip", `cat <<'END'\n${line("veth-a", "dockernet/mine")}\nEND`);
    assert.equal(run(urlOf("lab/commands/sweep/interface.sh"), "ours", own).status, 0);
    assert.equal(run(urlOf("lab/commands/sweep/interface.sh"), "ours", { ...own, OWNER: "dockernet/min" }).status, 1);
  });

  it("prints no single owner for an object whose parts have different marks", () => {
    const owned = urlOf("components/host-script/owned.sh");
    assert.equal(
      run(owned, "found kind name \"$(printf 'b\\na\\nb\\n' | agreed)\"; found kind other ''").stdout,
      "kind\tname\ta,b\n",
    );
    const unit = join(folder, "unit");
    writeFileSync(unit, "# Owner: dockernet/mine\n[Service]\n");
    assert.equal(
      run(owned, `owner_line ${unit}; owner_line ${folder}/absent; owner_file ${folder}`).stdout,
      "dockernet/mine\n-\n-\n",
    );
  });

  describe("that restarts an engine", () => {
    const restart = urlOf("components/cluster-store-engine/restart.sh");
    const settings = (text: string | undefined, value = "true") => {
      const path = join(folder, "daemon.json");
      rmSync(path, { force: true });
      if (text !== undefined) writeFileSync(path, text);
      const { status, stdout } = run(restart, `settings_with ${value} ${path}`);
      return status === 0 ? JSON.parse(stdout) : undefined;
    };

    it("adds live-restore to the settings, and loses none of them", () => {
      for (const empty of [undefined, "", " \n", "{ }\n"])
        assert.deepEqual(settings(empty), { "live-restore": true }, empty);
      const own = { "log-opts": { tag: '{{.Name}} "é" \\' }, dns: ["10.0.0.1"], debug: false, mtu: 1400 };
      assert.deepEqual(settings(JSON.stringify(own)), { ...own, "live-restore": true });
      assert.deepEqual(settings(JSON.stringify(own, null, 4), "false"), { ...own, "live-restore": false });
      const nested = { labels: ['"live-restore": true'], features: { "live-restore": true } };
      assert.deepEqual(settings(JSON.stringify(nested)), { ...nested, "live-restore": true });
    });

    it("leaves settings alone that set it themselves, or that it cannot read", () => {
      for (const text of ['{"live-restore":false}', '{"live-restore":true}', '{"debug":true,}', "[]", '"live-restore"'])
        assert.equal(settings(text), undefined, text);
    });
  });
});
