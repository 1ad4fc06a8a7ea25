import type { Network } from "../../engine.ts";
import { etcdSelf } from "../../etcd.ts";
import { interfacesOf } from "../../interfaces.ts";
import { table } from "../../table.ts";
import { machineFaults, memberFaults } from "../faults/machine.ts";
import { containersOf, type Place, type Scene } from "../scene.ts";
import { faultRows, sections } from "../tell.ts";
import { inWords } from "./network.ts";

/** What a machine is: its engine, its interfaces, its routes. */
export async function explainMachine(scene: Scene, place: Place): Promise<string> {
  const { machine, name, on } = place;
  const head =
    on === undefined
      ? "this machine runs the lab command"
      : `${name} is a machine of the environment, at ${scene.outputs.hosts[on]?.address}`;
  const faults = await machineFaults(place);
  if (faults.length > 0) return sections(head, table(faultRows(faults)));
  const docker = (format: string, ...args: string[]) => machine.attempt(["docker", ...args, "--format", format]);
  const [engine, store, member, routes] = await Promise.all([
    docker("{{.Server.Version}}", "version"),
    // A docker command that knows of no cluster stores fails.
    docker("{{.ClusterStore}}", "info"),
    on === undefined ? undefined : etcdSelf(machine),
    machine.attempt(["ip", "-o", "route", "show"]),
  ]);
  const containers = [...(await containersOf(place)).values()];
  const own = containers.filter(({ labels }) => labels["dockernet.stack"] === scene.environment);
  const interfaces = await interfacesOf(machine);
  const networks = [...(await machine.networks()).values()].filter(({ driver }) => driver === "bridge");
  const others = networks.filter(
    ({ name: each, labels }) => each !== "bridge" && labels["dockernet.stack"] !== scene.environment,
  );
  const foreign = new Set(others.map(({ bridge }) => bridge));
  const shown = interfaces.filter(
    ({ kind, name: each, addresses }) => (kind !== "veth" || addresses.length > 0) && !foreign.has(each),
  );
  return sections(
    head,
    table([
      [
        "engine",
        `Docker ${engine ?? "that does not tell its version"}, with ${containers.length} containers, ${own.length} of this environment`,
      ],
      ["store", store || "none: its networks are its own"],
      ...(member ? [["etcd", `member ${member.name}, ${member.role}`]] : []),
      ...shown.map((each) => ["interface", `${inWords(each)}${ofNetwork(networks, each.name)}`]),
      [
        "beside",
        `${interfaces.length - shown.length} ends of cables, and bridges of networks that are not the environment's`,
      ],
      ...(routes ?? "")
        .split("\n")
        .filter((route) =>
          shown.some((each) => route.includes(` dev ${each.name} `) || route.endsWith(` dev ${each.name}`)),
        )
        .map((route) => ["route", route.trim()]),
      ...faultRows(await memberFaults(scene, place)),
    ]),
  );
}

const ofNetwork = (networks: readonly Network[], bridge: string): string => {
  const network = networks.find((each) => each.bridge === bridge);
  return network ? ` of the network ${network.name}` : "";
};
