import { isAddress } from "../../components/lib/cidr.ts";
import type { Container } from "../host/containers.ts";
import { containersOf, type EnvironmentHost, type Fault } from "./context.ts";

/** Returns the faults of a container's /etc/hosts (hosts(5)), which Docker writes when the container starts. */
export async function hostsFileFaults(
  host: EnvironmentHost,
  { name, addresses, details }: Container,
  expected: readonly string[],
): Promise<Fault[]> {
  // With the host's network, it is a copy of the host's file.
  if (details.networkMode === "host") return [];
  const text = await host.session.read(["docker", "exec", name, "cat", "/etc/hosts"]);
  if (text === undefined) return [];
  const entries = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter(([address = ""]) => isAddress(address) && !address.startsWith("127."));
  const containers = await containersOf(host);
  const links = [...details.links].map(([alias, target]) => ({
    alias,
    address: Object.values(containers.get(target)?.addresses ?? {}).find((each) => each !== ""),
  }));
  const written = new Set([
    ...Object.values(addresses),
    ...links.map(({ address }) => address),
    ...details.extraHosts.map((each) => each.replace(/^[^:]*:/, "")),
  ]);
  // When a container leaves a network, the engine keeps the entry of the container's own name.
  const isOwn = (names: readonly string[]) => names.every((each) => each === details.hostname);
  const fix = `docker restart ${name}`;
  return [
    ...entries
      .filter(([address, ...names]) => !written.has(address) && !isOwn(names))
      .map((entry) => ({
        title: `/etc/hosts in the container ${name} has an entry that Docker did not write: ${entry.join(" ")}`,
        fix,
      })),
    ...expected
      .filter((alias) => !details.links.has(alias))
      .map((alias) => ({ title: `the container ${name} has no link by the name ${alias}, the state says one` })),
    ...links
      .filter(({ alias, address }) => !entries.some(([at, ...names]) => at === address && names.includes(alias)))
      .map(({ alias, address }) => ({
        title: `/etc/hosts in the container ${name} lacks the entry of its link ${alias}: ${address ?? "the other container has no address"}`,
        fix,
      })),
  ];
}
