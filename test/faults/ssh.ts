import assert from "node:assert/strict";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import type { MachineLab } from "./machine.ts";

const UP = "pulumi up";
/** Takes the cause away where it is in the settings, and brings the environment up. */
const up = (lab: MachineLab) => {
  lab.settle();
  return must(lab.up());
};

/** Seconds that each `ip` command of the machine takes while it is slow. */
const SLOW_SEC = 3;
const SHIM = "/usr/local/bin/ip";
const slow = (lab: MachineLab) =>
  lab.onMachine(
    "sh",
    "-c",
    `printf '#!/bin/sh\\nsleep ${SLOW_SEC}\\nexec /usr/sbin/ip "$@"\\n' >${SHIM}; chmod +x ${SHIM}`,
  );
const quick = (lab: MachineLab) => lab.onMachine("rm", "-f", SHIM);

const SSH_PACKETS = ["INPUT", "--protocol", "tcp", "--dport", "22", "--jump"];
/** What the machine's firewall does with packets to its sshd from now on. */
const firewall = async (lab: MachineLab, ...target: string[]) => {
  await lab.onMachine("iptables", "--insert", ...SSH_PACKETS, ...target);
  return () => lab.onMachine("iptables", "--delete", ...SSH_PACKETS, ...target);
};

/** An `up` that fails, with no change on the machine; gives what the user reads. */
async function refused(lab: MachineLab, withinSec: number): Promise<string> {
  const { code, text, seconds } = await lab.up();
  assert.notEqual(code, 0, text);
  assert.ok(seconds < withinSec, `it took ${seconds} s to say so`);
  assert.deepEqual(await lab.leftovers(), []);
  return text;
}

/** An `up` with the machine's settings changed in this way. */
const withSettings =
  (change: (lab: MachineLab) => Promise<Record<string, unknown>>, withinSec: number) => async (lab: MachineLab) => {
    lab.settle(await change(lab));
    return { said: await refused(lab, withinSec) };
  };

/** A fresh key pair, as ssh-keygen writes it. */
async function makeKey(lab: MachineLab, name: string, ...options: string[]): Promise<string> {
  const file = join(lab.scratch, name);
  await run("rm", ["-f", file, `${file}.pub`]);
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file, ...options]);
  return file;
}

/** An `up` whose connection breaks in the middle of a step; it fails by itself. */
const lostInStep =
  (...target: string[]) =>
  async (lab: MachineLab) => {
    await slow(lab);
    const running = lab.begin("up");
    await running.saw(/Command test1@machine creating/);
    await lab.onMachine("timeout", "10", "sh", "-c", "until pgrep -f 'sh -s -- up' >/dev/null; do sleep 0.1; done");
    const mend = await firewall(lab, ...target);
    const { code, text } = await running.ended;
    assert.notEqual(code, 0, text);
    return {
      said: text,
      end: async () => {
        await mend();
        await quick(lab);
      },
    };
  };

export const sshFaults: readonly Fault<MachineLab>[] = [
  {
    id: "R02",
    title: "SIGINT once in a step over SSH",
    protects: "the step ends, and what it made is in the state",
    inject: async (lab) => {
      await slow(lab);
      const running = lab.begin("up");
      await running.saw(/Command test1@machine creating/);
      running.signal("SIGINT");
      const { code, text } = await running.ended;
      assert.notEqual(code, 0, text);
      return { said: text, end: () => quick(lab) };
    },
    says: [/\^C received; cancelling/, /test1@machine creating \(\d+s\)/],
    way: UP,
    heal: up,
  },
  {
    id: "R13",
    title: "machine unreachable at the start",
    protects: "nothing is changed",
    inject: async (lab) => {
      const end = await firewall(lab, "DROP");
      return { said: await refused(lab, 30), end };
    },
    says: [/test1@machine/, /after \d failed attempts: dial tcp .*:22: i\/o timeout/],
    way: UP,
    heal: up,
  },
  {
    id: "R14",
    title: "connection lost silently in the middle of a step",
    protects: "the step may have been done, and is not done twice",
    inject: lostInStep("DROP"),
    says: [/test1@machine/, /without exit status or exit signal/],
    way: UP,
    heal: up,
  },
  {
    id: "R15",
    title: "connection reset in the middle of a step",
    protects: "the step may have been done, and is not done twice",
    inject: lostInStep("REJECT", "--reject-with", "tcp-reset"),
    says: [/test1@machine/, /without exit status or exit signal/],
    way: UP,
    heal: up,
  },
  {
    id: "R17",
    title: "a private key that the machine does not let in",
    protects: "nothing is changed",
    inject: withSettings(async (lab) => ({ keyFile: await makeKey(lab, "stranger") }), 20),
    says: [/test1@machine/, /ssh: unable to authenticate, attempted methods \[none publickey\]/],
    way: UP,
    heal: up,
  },
  {
    id: "R18",
    title: "key file missing, readable by others, or protected by a passphrase",
    protects: "nothing is changed, and the key is not shown",
    inject: async (lab) => {
      const said: string[] = [];
      const open = join(lab.scratch, "open");
      copyFileSync(String(lab.host.keyFile), open);
      chmodSync(open, 0o644);
      const locked = await makeKey(lab, "locked");
      await run("ssh-keygen", ["-q", "-p", "-P", "", "-N", "a passphrase", "-f", locked]);
      for (const keyFile of [join(lab.scratch, "missing"), open, locked]) {
        lab.settle({ keyFile });
        said.push(await refused(lab, 20));
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
    title: "machine without a pinned host key",
    protects: "no command goes to a machine that was not verified",
    inject: withSettings(async () => ({ hostKey: undefined }), 20),
    says: [/hosts\.0\.hostKey: expected the machine's ed25519 host key, as ssh-keyscan -t ed25519 shows it/],
    way: UP,
    heal: up,
  },
  {
    id: "R20",
    title: "machine with another host key than the pinned one",
    protects: "no command goes to a machine that was not verified",
    inject: withSettings(async (lab) => {
      const other = await run("cat", [`${await makeKey(lab, "other")}.pub`]);
      return { hostKey: other.split(" ").slice(0, 2).join(" ") };
    }, 20),
    says: [/test1@machine/, /ssh: host key mismatch/],
    way: UP,
    heal: up,
    quick: true,
  },
  {
    id: "R21",
    title: "RSA host key pinned",
    protects: "nobody is dialled",
    inject: withSettings(async () => ({ hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC" }), 20),
    says: [/hosts\.0\.hostKey: expected ssh-ed25519 and the key, got "ssh-rsa /],
    way: UP,
    heal: up,
  },
  {
    id: "R22",
    title: "sshd takes one connection at a time (MaxStartups)",
    protects: "every step is done",
    inject: async (lab) => {
      const file = "/etc/ssh/sshd_config.d/0-faults.conf";
      const since = await lab.onMachine("date", "+%s");
      await lab.onMachine("sh", "-c", `echo 'MaxStartups 1:100:1' >${file}; systemctl reload ssh`);
      const { text } = await lab.up();
      const dropped = await lab.onMachine("journalctl", "-u", "ssh", "--since", `@${since}`, "-o", "cat", "--no-pager");
      return {
        said: `${text}\n${dropped}`,
        end: () => lab.onMachine("sh", "-c", `rm ${file}; systemctl reload ssh`),
      };
    },
    says: [/\+ \d+ created/, /past MaxStartups/],
    way: "nothing",
  },
  {
    id: "R26",
    title: "machine whose sudo asks for a password, or that lacks a program",
    protects: "nothing is changed",
    inject: async (lab) => {
      await lab.onMachine("mv", "/etc/sudoers.d/lab", "/root/lab");
      const asks = await refused(lab, 20);
      await lab.onMachine("mv", "/root/lab", "/etc/sudoers.d/lab");
      await lab.onMachine(
        "sh",
        "-c",
        "mv /usr/sbin/ip /root/ip-sbin; mv /usr/bin/ip /root/ip-bin 2>/dev/null; mv /bin/ip /root/ip 2>/dev/null; true",
      );
      const { text } = await lab.up();
      return {
        said: asks + text,
        end: () =>
          lab.onMachine(
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
  {
    id: "R64",
    title: "user key rotated on the machine, then destroy",
    protects: "nothing is installed again, and destroy works",
    inject: async (lab) => {
      await must(lab.up());
      const made = await lab.onMachine(
        "ip",
        "netns",
        "exec",
        lab.named("test1"),
        "cat",
        "/sys/class/net/veth-test1/ifindex",
      );
      const keyFile = await makeKey(lab, "rotated");
      const line = await run("cat", [`${keyFile}.pub`]);
      await run("docker", ["exec", lab.container, "sh", "-c", 'echo "$1" >/etc/ssh/authorized_keys', "sh", line]);
      const { text } = await lab.destroy();
      lab.settle({ keyFile });
      const { text: after } = await must(lab.up());
      const now = await lab.onMachine(
        "ip",
        "netns",
        "exec",
        lab.named("test1"),
        "cat",
        "/sys/class/net/veth-test1/ifindex",
      );
      assert.equal(now, made, "the cable was made again");
      return { said: text + after };
    },
    says: [/@machine/, /ssh: unable to authenticate/],
    way: "pulumi up with the new key in the settings",
  },
];
