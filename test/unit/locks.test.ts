import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { judgeLocks } from "../../lab/commands/doctor/state.ts";
import type { Process } from "../../lab/host/processes.ts";
import { type Lock, readLocks } from "../../lab/state/locks.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { backendFolder, locksFolder } from "../../toolchain/fileBackend.ts";

describe("locks of a file backend", () => {
  const backend = mkdtempSync(join(tmpdir(), "dockernet-locks-"));
  after(() => rmSync(backend, { recursive: true }));

  it("are read with their owners, and unreadable ones as such", () => {
    const folder = locksFolder(backend, "mine");
    mkdirSync(folder, { recursive: true });
    const timestamp = "2026-01-01T01:00:00.5+01:00";
    writeFileSync(join(folder, "a.json"), JSON.stringify({ pid: 7, username: "ann", hostname: "there", timestamp }));
    writeFileSync(join(folder, "b.json"), "");
    writeFileSync(join(folder, "b.json.attrs"), "{}");
    const [whole, broken, ...more] = readLocks(backend, "mine");
    assert.deepEqual(whole, {
      file: join(folder, "a.json"),
      since: new Date("2026-01-01T00:00:00.500Z"),
      owner: { pid: 7, user: "ann", host: "there" },
    });
    assert.deepEqual([broken?.file, broken?.owner, more], [join(folder, "b.json"), undefined, []]);
    assert.deepEqual(readLocks(backend, "other"), []);
  });

  it("are found where Pulumi keeps them, even with a relative URL", () => {
    assert.equal(backendFolder("file://./states"), join(PROJECT, "states"));
  });

  it("are found in a checkout of any name, with Pulumi's URL", () => {
    for (const name of [
      "plain",
      "a b",
      "c#d",
      "e?f",
      "g%20h",
      "%",
      "%zz",
      "i'j\"k",
      "ü~",
      "l&m=n;o",
      "$(p)`q`",
      "r\\s[t]*",
    ]) {
      const root = join(backend, name);
      mkdirSync(join(root, ".dockernet"), { recursive: true });
      const known = ["PATH", "ORIGIN", "HOME"].map((key) => `DOCKERNET_${key}=\n`).join("");
      writeFileSync(join(root, ".dockernet", "machine"), `DOCKERNET_PULUMI=/bin/sh\n${known}`);
      writeFileSync(join(root, ".dockernet", "passphrase"), "secret");
      symlinkSync(join(PROJECT, "toolchain"), join(root, "toolchain"));
      const script = `PATH=$PATH; keep=$PATH; . "$given"; PATH=$keep; printf %s "$PULUMI_BACKEND_URL"`;
      const given = join(PROJECT, "toolchain", "commands", "environment.sh");
      const env = { PATH: process.env.PATH, HOME: root, root, given };
      const url = execFileSync("sh", ["-c", script], { env, encoding: "utf8" });
      assert.equal(fileURLToPath(url), join(root, ".dockernet", "state"), name);
      assert.equal(backendFolder(url), join(root, ".dockernet", "state"), name);
    }
  });
});

describe("lab doctor reports a lock", () => {
  const since = new Date("2026-01-01T00:00:00.500Z");
  const run: Process = {
    ...{ pid: 7, parent: 1, session: 7, started: since.getTime() - 1, program: "pulumi", command: ["pulumi"] },
    ...{ cwd: "/", environment: {} },
  };
  const owner = { pid: 7, user: "ann", host: hostname() };
  const lock: Lock = { file: "/lock.json", since, owner };
  const cases: readonly [what: string, Lock, Process[], expected: RegExp][] = [
    ["of a live run, to wait", lock, [run], /by process 7 of ann on \S+, since 2026-01-01T00:00:00Z .* wait for it/],
    ["of a dead run, to recover", lock, [], /that process exited.* npx lab recover mine$/],
    ["of a process that started later", lock, [{ ...run, started: since.getTime() + 9_000 }], /that process exited/],
    ["of another machine, to wait", { ...lock, owner: { ...owner, host: "there" } }, [], /on there, .* wait for it/],
    ["that cannot be read", { file: "/lock.json", since }, [run], /cannot be read: \/lock\.json npx lab recover mine$/],
  ];
  for (const [what, each, all, expected] of cases) {
    it(what, () => {
      const [{ what: title, why, fix } = assert.fail(), ...more] = judgeLocks("mine", [each], all);
      assert.match([title, why, fix].filter(Boolean).join(" "), expected);
      assert.deepEqual(more, []);
    });
  }
});
