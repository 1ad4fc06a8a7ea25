import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { build, GO_PROGRAMS, type GoProgram, goProgramNamed, isBuilt } from "../../toolchain/build.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { SetupError } from "../../toolchain/step.ts";

/** A fake Go that records its calls, and copies the module's main.go as the program. */
const GO = `#!/bin/sh
echo "$*" >>"$GO_JOURNAL"
case $1 in
version) echo "go version go$GO_VERSION linux/amd64" ;;
env) if [ "$2" = GOFLAGS ]; then echo -v; else echo private.example; fi ;;
build)
  echo "$PWD $CGO_ENABLED $GONOSUMDB $GOFLAGS" >>"$GO_JOURNAL"
  grep -q package main.go || { seq 1 30 >&2; echo "main.go:1:1: expected 'package'" >&2; exit 1; }
  while [ "$1" != -o ]; do shift; done
  cat main.go >"$2" ;;
esac
`;

describe("a program that is built from source", () => {
  const { PATH } = process.env;
  let scratch: string;
  let program: GoProgram;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "dockernet-build-"));
    const folder = join(scratch, "module");
    for (const each of [folder, join(scratch, "bin")]) mkdirSync(each);
    writeFileSync(join(scratch, "bin", "go"), GO);
    chmodSync(join(scratch, "bin", "go"), 0o755);
    writeFileSync(join(folder, "go.mod"), "module example\n\ngo 1.25.1\n");
    writeFileSync(join(folder, "main.go"), "package main");
    program = { name: "example", folder: relative(PROJECT, folder), package: ".", binary: "tool", ldflags: "-X a=b" };
    process.env.PATH = [join(scratch, "bin"), PATH].join(delimiter);
    process.env.DOCKERNET_CACHE = join(scratch, "cache");
    process.env.GO_JOURNAL = join(scratch, "journal");
    process.env.GO_VERSION = "1.25.1";
  });

  afterEach(() => {
    for (const name of ["DOCKERNET_CACHE", "GO_JOURNAL", "GO_VERSION"]) delete process.env[name];
    process.env.PATH = PATH;
    rmSync(scratch, { recursive: true });
  });

  const builds = () =>
    existsSync(join(scratch, "journal"))
      ? readFileSync(join(scratch, "journal"), "utf8")
          .split("\n")
          .filter((line) => line.startsWith("build "))
      : [];
  const change = (file: string, text: string) => writeFileSync(join(PROJECT, program.folder, file), text);
  const refusal = (message: string) => (error: Error) => {
    assert.ok(error instanceof SetupError);
    assert.equal(error.message, message);
    return true;
  };

  it("is compiled once, in its folder, without cgo, with the machine's own settings", async () => {
    assert.equal(isBuilt(program), undefined);
    const lines: string[] = [];
    const path = await build(program, { log: (line) => lines.push(line) });
    assert.equal(readFileSync(path, "utf8"), "package main");
    assert.match(path, /\/cache\/toolchain\/example-[0-9a-f]{12}\/tool$/);
    assert.deepEqual(
      lines.map((line) => line.replace(/\d+ s/, "N s")),
      ["building tool from source", "built tool in N s"],
    );
    assert.equal(builds().length, 1);
    assert.match(builds()[0] ?? "", /^build -ldflags -s -w -X a=b -o \S+ \.$/);
    const journal = readFileSync(join(scratch, "journal"), "utf8");
    const environment = "0 private.example,github.com/kreuzwerker -v -mod=readonly -buildvcs=false -trimpath";
    assert.ok(journal.includes(`${join(PROJECT, program.folder)} ${environment}\n`), journal);

    process.env.PATH = ""; // a call of Go would fail
    assert.equal(await build(program), path);
    assert.equal(isBuilt(program), path);
  });

  it("is compiled again when its sources, its module file or its flags change, but not for its documentation", async () => {
    const first = await build(program);
    change("README.md", "of no matter");
    change("main_test.go", "package main");
    assert.equal(await build(program), first);
    change("main.go", "package main // changed");
    const second = await build(program);
    change("go.sum", "sum");
    const third = await build(program);
    const fourth = await build({ ...program, ldflags: "-X a=c" });
    assert.equal(new Set([first, second, third, fourth]).size, 4);
    assert.equal(readFileSync(first, "utf8"), "package main");
  });

  it("may be built by several processes at once", async () => {
    const paths = await Promise.all([build(program), build(program), build(program)]);
    assert.equal(new Set(paths).size, 1);
    assert.deepEqual(readdirSync(join(scratch, "cache", "toolchain")).length, 1);
  });

  it("reports in one sentence that Go is missing or too old", async () => {
    process.env.GO_VERSION = "1.25";
    const needs = "building tool from source requires Go 1.25.1 or newer";
    await assert.rejects(build(program), refusal(`${needs}; this machine has 1.25`));
    process.env.GO_VERSION = "";
    await assert.rejects(build(program), refusal(`${needs}; go version printed: go version go linux/amd64`));
    process.env.PATH = "";
    await assert.rejects(build(program), refusal(`missing: Go; ${needs}`));
  });

  it("shows the last 20 lines of a failed compilation, and leaves nothing behind", async () => {
    change("main.go", "nonsense");
    const last = Array.from({ length: 19 }, (_, index) => index + 12).join("\n");
    await assert.rejects(build(program), refusal(`could not build tool:\n${last}\nmain.go:1:1: expected 'package'`));
    assert.deepEqual(readdirSync(join(scratch, "cache", "toolchain")), []);
  });

  it("is one of the project's, each a module with all its checksums", () => {
    for (const name of ["cli", "command", "docker", "language-nodejs", "language-python", "linearizable", "python-sdk"])
      assert.ok(GO_PROGRAMS.includes(goProgramNamed(name)));
    for (const each of GO_PROGRAMS) {
      const module = readFileSync(join(PROJECT, each.folder, "go.mod"), "utf8");
      assert.ok(existsSync(join(PROJECT, each.folder, "go.sum")));
      assert.doesNotMatch(module, /=> (\/|\.\.)/, `${each.name} depends on a place on one machine`);
    }
    assert.throws(() => goProgramNamed("compiler"), /unknown Go program compiler/);
  });
});
