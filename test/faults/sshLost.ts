import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { type HostLab, makeKey, silence, UP, up } from "./host.ts";
import { must } from "./lab.ts";

/** Duration of each `ip` command on the host while it is slow, in seconds. */
const SLOW_SEC = 3;
const SHIM = "/usr/local/bin/ip";
const slow = (lab: HostLab) =>
  lab.onHost(
    "sh",
    "-c",
    `printf '#!/bin/sh\\nsleep ${SLOW_SEC}\\nexec /usr/sbin/ip "$@"\\n' >${SHIM}; chmod +x ${SHIM}`,
  );
const quick = (lab: HostLab) => lab.onHost("rm", "-f", SHIM);

/**
 * Runs an `up` whose connection breaks during a step, so that it fails. `cut` returns a function that restores the
 * connection.
 */
const lostInStep = (cut: (lab: HostLab) => Promise<() => Promise<unknown>>) => async (lab: HostLab) => {
  await slow(lab);
  const running = lab.begin("up");
  await running.saw(/Command test1@vm creating/);
  await lab.onHost("timeout", "10", "sh", "-c", "until pgrep -f '[s]h -s -- up' >/dev/null; do sleep 0.1; done");
  const fix = await cut(lab);
  const { code, text } = await running.ended;
  assert.notEqual(code, 0, text);
  return {
    said: text,
    end: async () => {
      await fix();
      await quick(lab);
    },
  };
};

/** Faults of the connection to a host in use. */
export const lostConnections: readonly Fault<HostLab>[] = [
  {
    id: "R02",
    title: "SIGINT once during a step over SSH",
    protects: "the step completes, and its result is in the state",
    inject: async (lab) => {
      await slow(lab);
      const running = lab.begin("up");
      await running.saw(/Command test1@vm creating/);
      running.signal("SIGINT");
      const { code, text } = await running.ended;
      assert.notEqual(code, 0, text);
      return { said: text, end: () => quick(lab) };
    },
    says: [/\^C received; cancelling/, /test1@vm creating \(\d+s\)/],
    way: UP,
    heal: up,
  },
  {
    id: "R14",
    title: "connection lost silently during a step",
    protects: "the step may have completed, and does not run twice",
    inject: lostInStep(silence),
    says: [/Command \(test[12]@vm\)/, /error: wait: remote command exited without exit status or exit signal/],
    way: UP,
    heal: up,
  },
  {
    id: "R15",
    title: "connection reset during a step",
    protects: "the step may have completed, and does not run twice",
    inject: lostInStep(async (lab) => {
      await lab.onHost("ss", "--kill", "--tcp", "--no-header", "state", "established", "sport = :22");
      return async () => undefined;
    }),
    says: [/Command \(test[12]@vm\)/, /error: wait: remote command exited without exit status or exit signal/],
    way: UP,
    heal: up,
  },
  {
    id: "R22",
    title: "sshd accepts one connection at a time (MaxStartups)",
    protects: "every step completes",
    inject: async (lab) => {
      // The last value of this setting counts; for all others the first does (servconf.c).
      const file = "/etc/ssh/sshd_config.d/zz-faults.conf";
      await lab.onHost("sh", "-c", `echo 'MaxStartups 1:100:1' >${file}; systemctl restart ssh`);
      // A client that has not authenticated yet uses the only slot.
      const stranger = createConnection(22, String(lab.host.address));
      await once(stranger, "data");
      try {
        const running = lab.begin("up");
        await running.saw(/Dial 1\/\d failed: retrying/);
        stranger.destroy();
        return {
          said: (await running.ended).text,
          end: () => lab.onHost("sh", "-c", `rm ${file}; systemctl restart ssh`),
        };
      } finally {
        stranger.destroy();
      }
    },
    says: [/\+ \d+ created/, /Dial \d\/\d failed: retrying/],
    way: "nothing",
  },
  {
    id: "R64",
    title: "user key rotated on the host, then destroy",
    protects: "nothing is reinstalled, and destroy works",
    inject: async (lab) => {
      await must(lab.up());
      const entered = ["ip", "netns", "exec", lab.named("test1")];
      const cable = () => lab.onHost(...entered, "cat", "/sys/class/net/veth-test1/ifindex");
      const made = await cable();
      const keyFile = await makeKey(lab, "rotated");
      const line = await run("cat", [`${keyFile}.pub`]);
      await run("docker", ["exec", lab.container, "sh", "-c", 'echo "$1" >/etc/ssh/authorized_keys', "sh", line]);
      const { text } = await lab.destroy();
      lab.settle({ keyFile });
      const { text: after } = await must(lab.up());
      assert.equal(await cable(), made, "the cable was made again");
      return { said: text + after };
    },
    says: [/@vm/, /ssh: unable to authenticate/],
    way: "pulumi up with the new key in the settings",
  },
];
