import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownHost } from "../../stacks/hosts.ts";

describe("ownHost", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-hosts-"));
  after(() => rmSync(folder, { recursive: true }));

  const host = (keyFile: string) =>
    ownHost({ name: "a", address: "10.0.0.1", hostKey: "ssh-ed25519 AAAA", keyFile, sudo: false, gone: false });
  const makeKey = (name: string, ...options: string[]) => {
    const file = join(folder, name);
    execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
    return file;
  };

  for (const [what, options] of [
    ["OpenSSH's format", ["-t", "ed25519"]],
    ["PEM", ["-t", "ecdsa", "-m", "PEM"]],
    ["PKCS#8", ["-t", "ecdsa", "-m", "PKCS8"]],
  ] as const) {
    it(`reads a key in ${what}, and refuses one with a passphrase by the name of its file`, () => {
      assert.match(host(makeKey(`${options.at(-1)}-open`, ...options, "-N", "")).privateKey, /PRIVATE KEY/);
      const locked = makeKey(`${options.at(-1)}-locked`, ...options, "-N", "a passphrase");
      const message = `keyFile: ${locked} is protected by a passphrase`;
      assert.throws(
        () => host(locked),
        (error: Error) => error.message.startsWith(message),
      );
    });
  }

  it("refuses a key that others can read, and says how to close it", () => {
    const file = makeKey("others", "-t", "ed25519", "-N", "");
    chmodSync(file, 0o644);
    assert.throws(() => host(file), {
      message: `keyFile: ${file} is open to others (mode 0644), and ssh wants it closed: chmod 600 ${file}`,
    });
  });
});
