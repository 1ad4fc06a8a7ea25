import type { Container } from "./containers.ts";
import { type Interface, interfacesOf } from "./interfaces.ts";
import { netnsExecOfContainer } from "./netnsExec.ts";
import type { HostSession } from "./session.ts";

/** The cable of a container's eth0: the index of its other end, and that interface if the host has it. */
export interface Cable {
  readonly index: number;
  readonly peer: Interface | undefined;
}

/** Finds the other end of a container's eth0 by its interface index; undefined if there is no eth0. */
export async function cableOf(session: HostSession, container: Container): Promise<Cable | undefined> {
  const index = await otherEnd(session, container);
  if (index === undefined) return undefined;
  return { index, peer: (await interfacesOf(session)).find((each) => each.index === index) };
}

/**
 * Returns the index of the other end. Reads the container's files if its namespace cannot be entered, since the
 * container may not have `ip`.
 */
async function otherEnd(session: HostSession, container: Container): Promise<number | undefined> {
  const enter = netnsExecOfContainer(session, container);
  if (!enter) {
    const printed = await session.read(["docker", "exec", container.name, "cat", "/sys/class/net/eth0/iflink"]);
    return printed === undefined ? undefined : Number(printed);
  }
  const eth0 = (await interfacesOf(session, enter)).find(({ name }) => name === "eth0");
  return eth0 && (eth0.peer ?? eth0.index);
}
