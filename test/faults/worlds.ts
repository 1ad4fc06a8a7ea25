import { readFileSync } from "node:fs";
import { EMULATED_SLOWNESS } from "../../components/practice-vm/defaults.ts";
import { runOverSsh } from "../../lab/host/overSsh.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { run } from "../../toolchain/run.ts";
import { type Lab, makeLab, must } from "./lab.ts";

/** An environment with practice nodes. */
export interface NodesLab extends Lab {
  /** The container of a node, counted from 1. */
  readonly node: (number: number) => string;
  /** Runs a command on a node. */
  readonly on: (number: number, ...command: string[]) => Promise<string>;
  /** Id of the overlay network on the first node's engine. */
  readonly networkId: () => Promise<string>;
}

/** Addresses that no engine uses by default (RFC 6598). */
const NAMESPACES = { addresses: ["100.64.77.1/30", "100.64.77.2/30"] };
const NODES = { labs: ["namespaces"], namespaces: { host: "docker-node1" } };
/**
 * Everything that the overlay lab could leave on a node. The host's end of a node's veth pair has a different number
 * each time.
 */
const TRACES = `ls -d /etc/systemd/system/*etcd* /etc/systemd/system/docker.service.d /var/lib/dockernet* /var/lib/private/*etcd* \
  /usr/local/etcd* /var/log/dockernet* /run/dockernet* /etc/docker/daemon.json* 2>/dev/null; pgrep -a etcd
  tr '\\0' ' ' </proc/$(pidof dockerd)/cmdline; docker ps --all --quiet; docker network ls --format '{{.Name}}'
  docker info --format '{{.ClusterStore}} {{.LiveRestoreEnabled}}' 2>/dev/null; ip -o link show | cut -d: -f 2 | cut -d@ -f 1`;

/** An environment with single-host labs that is not up. */
export const makeFreshLab = (): Promise<Lab> =>
  makeLab({ settings: { labs: ["namespaces", "ports"], namespaces: NAMESPACES }, running: false });

/** An environment with single-host labs that is up. The hits of its counter must not be lost. */
export async function makeRunningLab(): Promise<Lab> {
  const hits = async () => Number(await run("docker", ["exec", lab.named("redis"), "redis-cli", "get", "hits"]));
  let seen = 0;
  const lab: Lab = await makeLab({
    settings: { labs: ["namespaces", "links", "counter"], namespaces: NAMESPACES },
    running: true,
    lost: async () => {
      const now = await hits().catch(() => -1);
      const lost = now < seen ? [`the counter was at ${seen} and is at ${now}`] : [];
      seen = now;
      return lost;
    },
  });
  return lab;
}

/** A lab whose containers are on a LAN of its own. */
export const makeLanLab = (): Promise<Lab> => makeLab({ settings: { labs: ["macvlan"] }, running: true });

/** A lab with ways to its practice nodes. */
export const withNodes = (lab: Lab): NodesLab => {
  const node = (number: number) => lab.named(`docker-node${number}`);
  const on = (number: number, ...command: string[]) => run("docker", ["exec", node(number), ...command]);
  const networkId = () => on(1, "docker", "network", "inspect", "--format", "{{.Id}}", "demo");
  return { ...lab, node, on, networkId };
};

/** Two practice nodes without an overlay; a fault is caused while the overlay lab is added, and removed with it. */
export async function makeNodesLab(): Promise<NodesLab> {
  const traces = () => Promise.all([1, 2].map((number) => lab.on(number, "sh", "-c", TRACES)));
  let clean: string[] | undefined;
  const lab: NodesLab = withNodes(
    await makeLab({
      settings: NODES,
      running: true,
      leftovers: async () => {
        const now = await traces();
        return now.flatMap((each, index) => (each === clean?.[index] ? [] : [`on node ${index + 1}: ${each}`]));
      },
    }),
  );
  clean = await traces();
  const reset = async () => {
    lab.environment.settle(NODES);
    await must(lab.up());
  };
  return { ...lab, reset };
}

/** Adds the overlay lab to practice nodes. */
export const addOverlay = (lab: Lab): void => lab.environment.settle({ ...NODES, labs: ["namespaces", "overlay"] });

const KEY = "/kept";
const etcdctl = (...command: string[]) => ["env", "ETCDCTL_API=2", "timeout", "5", "etcdctl", ...command];

/** The overlay lab with an etcd cluster that serves TLS only. */
export const TLS_NODES = { labs: ["overlay"], overlay: { nodes: 2, tls: true } };

/** The overlay lab on this many nodes. Its network's id, and a key in etcd, must not be lost. */
const makeOverlay = (nodes: number): Promise<NodesLab> => makeOverlayOf({ labs: ["overlay"], overlay: { nodes } });

const FIRST = "/etc/dockernet-etcd-docker-node1/now";
const FIRST_BY_TLS = [
  ...["--endpoints", "https://127.0.0.1:2379", "--ca-file", `${FIRST}/ca.pem`],
  ...["--cert-file", `${FIRST}/cert.pem`, "--key-file", `${FIRST}/key.pem`],
];

async function makeOverlayOf(
  settings: Readonly<Record<string, unknown>>,
  options: readonly string[] = [],
): Promise<NodesLab> {
  const lost = async () => {
    const [now, value] = [
      await lab.networkId().catch(() => "gone"),
      await lab.on(1, ...etcdctl(...options, "get", KEY)).catch(() => "gone"),
    ];
    return [
      ...(now === id ? [] : [`the network ${id} is ${now}`]),
      ...(value === lab.name ? [] : [`the key ${KEY} in etcd is ${value}`]),
    ];
  };
  let id = "";
  const lab: NodesLab = withNodes(await makeLab({ settings, running: true, lost: () => lost() }));
  id = await lab.networkId();
  await lab.on(1, ...etcdctl(...options, "set", KEY, lab.name));
  return lab;
}

export const makeTlsLab = (): Promise<NodesLab> => makeOverlayOf(TLS_NODES, FIRST_BY_TLS);
export const makeOverlayLab = (): Promise<NodesLab> => makeOverlay(2);
export const makeClusterLab = (): Promise<NodesLab> => makeOverlay(3);
export const makeSizeLab = (): Promise<NodesLab> => makeOverlay(1);

/** An environment with the overlay lab on two virtual machines. */
export interface VmLab extends Lab {
  /** The name of a machine on this host, counted from 1. */
  readonly machine: (number: number) => string;
  /** Its interface on this host. */
  readonly tap: (number: number) => string;
  /** Runs a script on a machine. */
  readonly on: (number: number, script: string, timeoutMs?: number) => Promise<string>;
  /** The id of its boot (random(4)). */
  readonly bootOf: (number: number) => Promise<string>;
  /** Notes what must not be lost from now on: the network's id, and a key that it sets in etcd. */
  readonly mark: () => Promise<void>;
}

/** Time for a login and a short script on a machine in software emulation. */
const SCRIPT_MS = 120_000;

/** The overlay lab on two virtual machines. Its network's id and a key in etcd must not be lost. */
export async function makeVmLab(): Promise<VmLab> {
  const on: VmLab["on"] = async (number, script, timeoutMs = SCRIPT_MS) => {
    const access: HostAccess | undefined = (await lab.environment.outputs()).hosts[`docker-node${number}`];
    if (!access) throw new Error(`no host docker-node${number}`);
    return runOverSsh(access, script, { timeoutMs });
  };
  const networkId = () => on(1, "docker network inspect --format '{{.Id}}' demo");
  const kept = () => on(1, `ETCDCTL_API=2 etcdctl get ${KEY}`);
  let id = "";
  const made = await makeLab({
    settings: { labs: ["overlay"], overlay: { practiceNodes: "vm" } },
    running: true,
    lost: async () => {
      const [now, value] = [await networkId().catch(() => "gone"), await kept().catch(() => "gone")];
      return [
        ...(now === id ? [] : [`the network ${id} is ${now}`]),
        ...(value === lab.name ? [] : [`the key ${KEY} in etcd is ${value}`]),
      ];
    },
  });
  const machine = (number: number) => made.named(`docker-node${number}`);
  const lab: VmLab = {
    ...made,
    slowness: EMULATED_SLOWNESS,
    machine,
    tap: (number) => readFileSync(`/var/lib/dockernet-vms/${machine(number)}/lan`, "utf8").split(" ")[0] ?? "",
    on,
    bootOf: (number) => on(number, "cat /proc/sys/kernel/random/boot_id", 30_000),
    mark: async () => {
      id = await networkId();
      await on(1, `ETCDCTL_API=2 etcdctl set ${KEY} ${lab.name}`);
    },
  };
  await lab.mark();
  return lab;
}
