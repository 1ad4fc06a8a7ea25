import { attempt, run } from "../../toolchain/run.ts";
import type { Environment } from "../integration/environment.ts";

/** Names of an environment's objects on this host: objects of the engine, namespaces, ports of its bridges. */
export async function things({ name, objects }: Environment): Promise<string[]> {
  const prefix = `dockernet-${name}-`;
  const unlabelled = async (...command: string[]) =>
    (await run("docker", [...command, "--filter", `name=${prefix}`])).split("\n").filter((each) => each !== "");
  const [labelled, containers, networks, namespaces] = await Promise.all([
    objects(),
    unlabelled("ps", "--all", "--format", "{{.Names}}"),
    unlabelled("network", "ls", "--format", "{{.Name}}"),
    run("ip", ["netns", "list"]),
  ]);
  const own = namespaces.split("\n").map((line) => line.split(" ")[0] ?? "");
  const cables = await Promise.all(networks.map(danglingPorts));
  return [
    ...new Set([...labelled, ...containers, ...networks]),
    ...own.filter((each) => each.startsWith(prefix)).map((each) => `namespace ${each}`),
    ...cables.flat(),
  ];
}

/** Veth ends in the bridge of a network that belong to no container. */
async function danglingPorts(network: string): Promise<string[]> {
  const shown = await attempt("docker", ["network", "inspect", "--format", "{{.Id}} {{len .Containers}}", network]);
  if (shown === undefined) return [];
  const [id = "", containers] = shown.split(" ");
  const listed = await attempt("ip", ["-j", "link", "show", "master", `br-${id.slice(0, 12)}`, "type", "veth"]);
  const ports = (JSON.parse(listed || "[]") as { ifname: string }[]).map(({ ifname }) => ifname);
  return ports.length > Number(containers) ? [`cables in the bridge of ${network}: ${ports.join(", ")}`] : [];
}

/** Removes objects with the environment's names. */
export async function sweep(prefix: string): Promise<void> {
  const named = async (...command: string[]) =>
    ((await attempt("docker", [...command, "--quiet", "--filter", `name=${prefix}`])) ?? "")
      .split("\n")
      .filter(Boolean);
  for (const id of await named("ps", "--all")) await attempt("docker", ["rm", "--force", "--volumes", id]);
  for (const id of await named("network", "ls")) await attempt("docker", ["network", "rm", id]);
  for (const id of await named("volume", "ls")) await attempt("docker", ["volume", "rm", id]);
  const spaces = ((await attempt("ip", ["netns", "list"])) ?? "").split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const space of spaces.filter((each) => each.startsWith(prefix))) await attempt("ip", ["netns", "delete", space]);
}
