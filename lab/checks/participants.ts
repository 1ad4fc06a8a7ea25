import type { Source, Target } from "../../stacks/checks.ts";
import type { Participant } from "./kind.ts";

export const host = (name: string): Participant => ({ kind: "host", name, on: name });
export const container = (name: string, on?: string): Participant => ({ kind: "container", name, on });
export const network = (name: string, on?: string): Participant => ({ kind: "network", name, on });

/** Returns the objects at one end of packets: a container or namespace and its host, a network, or a host. */
export function endOf(end: Source | Target): Participant[] {
  if (end === "host") return [];
  if ("host" in end) return [host(end.host)];
  if ("gateway" in end) return [network(end.gateway)];
  if ("address" in end) return end.of === undefined ? [] : [container(end.of)];
  const at = end.on === undefined ? [] : [host(end.on)];
  return "container" in end
    ? [container(end.container, end.on), ...at]
    : [{ kind: "namespace", name: end.namespace, on: end.on }, ...at];
}
