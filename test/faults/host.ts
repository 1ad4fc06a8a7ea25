import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run } from "../../toolchain/run.ts";
import { firewall } from "./firewall.ts";
import { type Lab, makeLab, must } from "./lab.ts";

/** Settings of a user's host, as in a settings file. */
type HostSettings = Readonly<Record<string, unknown>>;

/** An environment that is not up, on a user's host: a practice node of another environment. */
export interface HostLab extends Lab {
  /** The host's container. */
  readonly container: string;
  /** Runs a command as root on the host, independently of SSH. */
  readonly onHost: (...command: string[]) => Promise<string>;
  /** Settings with which SSH login works. */
  readonly host: HostSettings;
  /** Changes the host's settings. */
  readonly settle: (change?: HostSettings) => void;
  /** A folder for keys. */
  readonly scratch: string;
}

const LABS = { labs: ["namespaces"] };
const VM = "vm";
/** Where a practice node keeps its authorized keys. */
const AUTHORIZED = "/etc/ssh/authorized_keys";

/** Lab `namespaces` on a host reached by SSH, as a user with sudo. */
export async function makeHostLab(): Promise<HostLab> {
  const keeper = await makeLab({
    settings: { ...LABS, namespaces: { host: "docker-node1" }, overlay: { nodes: 1 } },
    running: true,
  });
  const { hosts } = await keeper.environment.outputs();
  const [access] = Object.values(hosts);
  if (!access) throw new Error("the environment of the practice node has no access output");
  const { address, hostKey, keyFile } = access;
  const host = { name: VM, address, hostKey, keyFile, user: "lab", sudo: true };
  const settings = (change: HostSettings = {}) => ({
    ...LABS,
    namespaces: { host: VM },
    hosts: [JSON.parse(JSON.stringify({ ...host, ...change }))],
  });

  const container = keeper.named("docker-node1");
  const onHost = (...command: string[]) => run("docker", ["exec", container, ...command]);
  const own = async () => ({
    keys: await onHost("cat", AUTHORIZED),
    others: await onHost("ip", "netns", "exec", keeper.named("test1"), "cat", "/sys/class/net/veth-test1/ifindex"),
  });
  const whole = await own();
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-faults-"));
  const lab: Lab = await makeLab({
    settings: settings(),
    running: false,
    lost: async () => ((await own()).others === whole.others ? [] : ["the namespaces of another environment"]),
    leftovers: async () => {
      const spaces = await onHost("ip", "netns", "list");
      return spaces.split("\n").filter((line) => line.includes(lab.name));
    },
  });
  const settle: HostLab["settle"] = (change) => lab.environment.settle(settings(change));
  return {
    ...lab,
    container,
    onHost,
    host,
    settle,
    scratch,
    reset: async () => {
      await must(lab.destroy());
      await run("docker", ["exec", container, "sh", "-c", `echo "$1" >${AUTHORIZED}`, "sh", whole.keys]);
      settle();
    },
    close: async () => {
      await attempt("docker", ["start", container]);
      await lab.close();
      await keeper.close();
      rmSync(scratch, { recursive: true });
    },
  };
}

/** The repair for most faults of a host. */
export const UP = "pulumi up";
/** Restores the settings, and brings the environment up. */
export const up = (lab: HostLab) => {
  lab.settle();
  return must(lab.up());
};

const TO_SSHD = ["INPUT", "--protocol", "tcp", "--dport", "22", "--jump", "DROP"];
const FROM_SSHD = ["OUTPUT", "--protocol", "tcp", "--sport", "22", "--jump", "DROP"];

/** Drops all packets to the host's sshd until the returned function is called. */
export const deaf = (lab: HostLab) => firewall(lab.onHost, TO_SSHD);

/** Drops outgoing packets too, so that existing connections are lost silently. */
export const silence = (lab: HostLab) => firewall(lab.onHost, TO_SSHD, FROM_SSHD);

/** A new key pair in the format of ssh-keygen. */
export async function makeKey(lab: HostLab, name: string, ...options: string[]): Promise<string> {
  const file = join(lab.scratch, name);
  await run("rm", ["-f", file, `${file}.pub`]);
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file, ...options]);
  return file;
}
