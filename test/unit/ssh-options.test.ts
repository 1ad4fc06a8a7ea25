import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { jumpCommand, sshOptions } from "../../components/lib/sshOptions.ts";
import { which } from "../../toolchain/run.ts";

const TARGET = { address: "10.0.0.9", hostKey: "ssh-ed25519 AAAAtarget a comment" };
const JUMP = { address: "192.0.2.7", user: "ann", port: 2222, hostKey: "ssh-ed25519 AAAAjump", keyFile: "/keys/jump" };

describe("sshOptions", () => {
  const work = mkdtempSync(join(tmpdir(), "dockernet-ssh-options-"));
  after(() => rmSync(work, { recursive: true }));

  const socket = (options: readonly string[]) => options.find((each) => each.startsWith("ControlPath="));
  /** The options as parsed by ssh. */
  const read = (options: readonly string[]) =>
    String(execFileSync("ssh", ["-G", ...options, "10.0.0.9"], { stdio: "pipe" }));

  it("are unchanged without a jump host: an environment would show a change", () => {
    const options = sshOptions({ ...TARGET, keyFile: "/keys/id" });
    assert.equal(socket(options), "ControlPath=~/.dockernet-4bbfc54fb12d-%r");
    assert.deepEqual(
      options.filter((each) => each !== "-o"),
      [
        ...["-F", "/dev/null", "-i", "/keys/id", "BatchMode=yes", "IdentitiesOnly=yes", "ConnectTimeout=5"],
        ...["ServerAliveInterval=5", "ServerAliveCountMax=2", "StrictHostKeyChecking=yes"],
        ...["HostKeyAlgorithms=ssh-ed25519", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null"],
        "KnownHostsCommand=/usr/bin/env echo %H ssh-ed25519 AAAAtarget",
        ...["ControlMaster=auto", "ControlPath=~/.dockernet-4bbfc54fb12d-%r", "ControlPersist=10"],
      ],
    );
  });

  it("use the agent without a key file, and none of the user's own files", () => {
    const printed = read(sshOptions(TARGET));
    assert.match(printed, /^identitiesonly no$/m);
    assert.deepEqual(printed.match(/^identityfile .*$/gm), ["identityfile none"]);
  });

  it("use a separate connection for another jump host, or another key of it", () => {
    const sockets = [
      undefined,
      JUMP,
      { ...JUMP, address: "192.0.2.8" },
      { ...JUMP, hostKey: "ssh-ed25519 AAAAnew" },
      { ...JUMP, keyFile: "/keys/new" },
    ].map((jump) => socket(sshOptions({ ...TARGET, jump })));
    assert.equal(new Set(sockets).size, sockets.length);
  });

  it("pin the jump host's key, and try no other key of the user's", () => {
    const keyFile = join(work, "jump");
    writeFileSync(keyFile, "");
    const command = jumpCommand({ ...JUMP, keyFile }, "10.0.0.9:22");
    const printed = String(execFileSync("ssh", ["-G", ...command.slice(1)]));
    for (const line of ["user ann", "port 2222", "hostname 192.0.2.7", `identityfile ${keyFile}`, "identitiesonly yes"])
      assert.match(printed, new RegExp(`^${line}$`, "m"));
    assert.match(printed, /^stricthostkeychecking (true|yes)$/m);
    assert.match(printed, /^userknownhostsfile \/dev\/null$/m);
    assert.ok(command.includes("BatchMode=yes"));
    assert.match(printed, /^knownhostscommand \/usr\/bin\/env echo %H ssh-ed25519 AAAAjump$/m);
  });

  // The outer ssh is the real one; the jump ssh that it starts prints its arguments.
  for (const shell of ["sh", "bash", "dash", "fish", "zsh", "csh", "tcsh"]) {
    const path = which(shell);
    if (path === undefined) continue;
    it(`are parsed correctly by ${shell}, in a folder of any name`, () => {
      const keyFile = join(work, `a b%20%h;c"d'e$HOME ${shell}`, "id");
      const bin = join(work, `bin-${shell}`);
      mkdirSync(bin);
      const printed = join(work, `printed-${shell}`);
      writeFileSync(join(bin, "ssh"), `#!/bin/sh\nprintf '%s\\n' "$@" >"${printed}"\n`, { mode: 0o755 });
      const options = sshOptions({ ...TARGET, keyFile: "/keys/id", jump: { ...JUMP, keyFile } });
      const ssh = which("ssh") ?? assert.fail("no ssh");
      const env = { ...process.env, SHELL: path, PATH: [bin, process.env.PATH].join(delimiter) };
      const first = ["-o", "ControlPath=none"];
      const { stderr } = spawnSync(ssh, [...first, ...options, "-p", "2200", "root@10.0.0.9", "true"], { env });
      assert.match(String(stderr), /closed|Connection/);
      const given = readFileSync(printed, "utf8").trimEnd().split("\n");
      assert.deepEqual(given.slice(0, 2), ["-W", "[10.0.0.9]:2200"]);
      assert.deepEqual(given.slice(-2), ["--", "192.0.2.7"]);
      const identity = String(execFileSync(ssh, ["-G", ...given])).match(/^identityfile (.*)$/m)?.[1];
      assert.equal(identity, keyFile.replaceAll("%", "%%"));
      assert.ok(given.includes("KnownHostsCommand=/usr/bin/env echo %H ssh-ed25519 AAAAjump"));
    });
  }
});
