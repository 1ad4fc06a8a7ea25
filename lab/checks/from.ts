import { existsSync } from "node:fs";
import type { Source, Target } from "../../stacks/checks.ts";
import { LabError } from "../cli/errors.ts";
import type { Container } from "../host/containers.ts";
import { readInterfaces } from "../host/interfaces.ts";
import { needsRoot, netnsExec, netnsExecOfContainer } from "../host/netnsExec.ts";
import { ProbeError } from "../host/probeError.ts";
import type { HostSession, HostSessions, Said } from "../host/session.ts";

/** What a probe found: whether the check's title is true, and the fact that decided it. */
export interface ProbeResult {
  readonly passed: boolean;
  readonly actual: string;
}

/** How long one probe waits for an answer before it calls that silence. */
export const PATIENCE_SEC = 3;

/** The running container of that name. */
export async function running(session: HostSession, name: string): Promise<Container> {
  const container = (await session.containers()).get(name);
  if (!container) throw new ProbeError(`there is no container ${name}`);
  if (!container.running) throw new ProbeError(`the container ${name} does not run`);
  return container;
}

/** The network of that name. */
export async function networkOf(session: HostSession, name: string) {
  const network = (await session.networks()).get(name);
  if (!network) throw new ProbeError(`there is no network ${name}`);
  return network;
}

/** The address of a target at this moment. */
export async function addressOf(sessions: HostSessions, target: Target): Promise<string> {
  if ("address" in target) {
    if (target.of !== undefined) await running(sessions(undefined), target.of);
    return target.address;
  }
  if ("gateway" in target) {
    const { gateway, bridge } = await networkOf(sessions(undefined), target.gateway);
    if (gateway === undefined)
      throw new ProbeError(`the bridge ${bridge} of the network ${target.gateway} has no address`);
    return gateway;
  }
  const { addresses } = await running(sessions(target.on), target.container);
  const address = Object.values(addresses).find((each) => each !== "");
  if (!address) throw new ProbeError(`the container ${target.container} has no address`);
  return address;
}

/** A command of the container's own, or one that needs nothing of it but its network. */
export type By = "container" | "network";

/** What a command printed there; undefined when it failed. */
export async function runFrom(
  sessions: HostSessions,
  source: Source,
  command: readonly string[],
  by: By = "container",
): Promise<string | undefined> {
  const { ok, text } = await sayFrom(sessions, source, command, by);
  return ok ? text : undefined;
}

/** As {@link runFrom}, with what a command that failed said. */
export async function sayFrom(
  sessions: HostSessions,
  source: Source,
  command: readonly string[],
  by: By = "container",
): Promise<Said> {
  if (source === "host") return sessions(undefined).say(command);
  if ("host" in source) return sessions(source.host).say(command);
  const session = sessions(source.on);
  if ("namespace" in source) {
    await reachable(session, source.namespace);
    return session.say([...netnsExec(source.namespace), ...command]);
  }
  const container = await running(session, source.container);
  const enter = by === "network" ? netnsExecOfContainer(session, container) : undefined;
  // Its network answers all the same, since the kernel does that; its own programs stand still.
  if (!enter && container.paused) throw new ProbeError(`the container ${source.container} is paused`);
  return session.say([...(enter ?? ["docker", "exec", container.name]), ...command]);
}

async function reachable(session: HostSession, namespace: string): Promise<void> {
  const file = `/var/run/netns/${namespace}`;
  const { local } = session;
  const there = local ? existsSync(file) : (await session.attempt(["test", "-e", file])) !== undefined;
  if (!there) throw new ProbeError(`there is no network namespace ${namespace}`);
  if (needsRoot(session)) throw new LabError("only root can look into a network namespace");
}

/** The interfaces there, by name, each with its state and addresses. */
export async function interfacesAt(sessions: HostSessions, at: Source): Promise<ReadonlyMap<string, string>> {
  const text = await runFrom(sessions, at, ["ip", "-j", "address", "show"], "network");
  if (text === undefined) throw new ProbeError("the program ip does not run there, so no interface can be seen");
  return readInterfaces(text);
}
