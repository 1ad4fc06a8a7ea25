import assert from "node:assert/strict";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { deaf, type HostLab, makeKey, UP, up } from "./host.ts";

/** Time limit for failing on an unusable host, in seconds. */
const GIVEN_UP_SEC = 60;

/** Runs an `up` that must fail without changing the host; returns its output. */
async function refused(lab: HostLab): Promise<string> {
  const { code, text, seconds } = await lab.up();
  assert.notEqual(code, 0, text);
  assert.ok(seconds < GIVEN_UP_SEC, `it took ${seconds} s to say so`);
  assert.deepEqual(await lab.leftovers(), []);
  return text;
}

/** Changes the host's settings and runs an `up`, which must fail. */
const withSettings = (change: (lab: HostLab) => Promise<Record<string, unknown>>) => async (lab: HostLab) => {
  lab.settle(await change(lab));
  return { said: await refused(lab) };
};

/** Unusable hosts, which are reported before anything is changed. */
export const refusedHosts: readonly Fault<HostLab>[] = [
  {
    id: "R13",
    title: "host unreachable at the start",
    protects: "no changes",
    inject: async (lab) => {
      const end = await deaf(lab);
      return { said: await refused(lab), end };
    },
    says: [/test1@vm/, /after \d failed attempts: dial tcp .*:22: i\/o timeout/],
    way: UP,
    heal: up,
  },
  {
    id: "R17",
    title: "private key rejected by the host",
    protects: "no changes",
    inject: withSettings(async (lab) => ({ keyFile: await makeKey(lab, "stranger") })),
    says: [/test1@vm/, /ssh: unable to authenticate, attempted methods \[none publickey\]/],
    way: UP,
    heal: up,
  },
  {
    id: "R18",
    title: "key file missing, readable by others, or protected by a passphrase",
    protects: "no changes, and the key is not shown",
    inject: async (lab) => {
      const said: string[] = [];
      const open = join(lab.scratch, "open");
      copyFileSync(String(lab.host.keyFile), open);
      chmodSync(open, 0o644);
      const locked = await makeKey(lab, "locked");
      await run("ssh-keygen", ["-q", "-p", "-P", "", "-N", "a passphrase", "-f", locked]);
      for (const keyFile of [join(lab.scratch, "missing"), open, locked]) {
        lab.settle({ keyFile });
        said.push(await refused(lab));
      }
      return { said: said.join("\n") };
    },
    says: [
      /hosts\.0\.keyFile: ENOENT: no such file or directory, open '.*\/missing'/,
      /hosts\.0\.keyFile: .*\/open is open to others \(mode 0644\).*chmod 600/,
      /hosts\.0\.keyFile: .*\/locked is protected by a passphrase/,
      /^(?!.*PRIVATE KEY)/s,
    ],
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R19",
    title: "host without a pinned host key",
    protects: "no command is sent to an unverified host",
    inject: withSettings(async () => ({ hostKey: undefined })),
    says: [/hosts\.0\.hostKey: expected the host's ed25519 host key, as ssh-keyscan -t ed25519 shows it/],
    way: UP,
    heal: up,
  },
  {
    id: "R20",
    title: "host key different from the pinned one",
    protects: "no command is sent to an unverified host",
    inject: withSettings(async (lab) => {
      const other = await run("cat", [`${await makeKey(lab, "other")}.pub`]);
      return { hostKey: other.split(" ").slice(0, 2).join(" ") };
    }),
    says: [/test1@vm/, /ssh: host key mismatch/],
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R21",
    title: "RSA host key pinned",
    protects: "no connection is opened",
    inject: withSettings(async () => ({ hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC" })),
    says: [/hosts\.0\.hostKey: expected ssh-ed25519 and the key, got "ssh-rsa /],
    way: UP,
    heal: up,
  },
  {
    id: "R26",
    title: "host where sudo asks for a password, or a program is missing",
    protects: "no changes",
    inject: async (lab) => {
      await lab.onHost("mv", "/etc/sudoers.d/lab", "/root/lab");
      const asks = await refused(lab);
      await lab.onHost("mv", "/root/lab", "/etc/sudoers.d/lab");
      await lab.onHost(
        "sh",
        "-c",
        "mv /usr/sbin/ip /root/ip-sbin; mv /usr/bin/ip /root/ip-bin 2>/dev/null; mv /bin/ip /root/ip 2>/dev/null; true",
      );
      const { text } = await lab.up();
      return {
        said: asks + text,
        end: () =>
          lab.onHost(
            "sh",
            "-c",
            "mv /root/ip-sbin /usr/sbin/ip; test ! -e /root/ip-bin || mv /root/ip-bin /usr/bin/ip",
          ),
      };
    },
    says: [/sudo: a password is required/, /network namespace .*: the program ip is missing \(package iproute2\)/],
    way: UP,
    heal: up,
  },
];
