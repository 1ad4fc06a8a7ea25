import * as z from "zod";
import type { Machine } from "./machine.ts";

const Links = z.array(z.object({ ifindex: z.int(), ifname: z.string(), master: z.string().optional() }));

/** The cable of a container's eth0: the number of its other end, and that end where the machine has it. */
export interface Cable {
  readonly index: string;
  /** `master` is the bridge that it is a port of. */
  readonly peer: { readonly ifname: string; readonly master?: string | undefined } | undefined;
}

/** Finds the other end of a container's eth0 by its number, in the kernel's words; undefined where there is no eth0. */
export async function cableOf(machine: Machine, container: string): Promise<Cable | undefined> {
  const index = await machine.attempt(["docker", "exec", container, "cat", "/sys/class/net/eth0/iflink"]);
  if (index === undefined) return undefined;
  const links = Links.parse(JSON.parse((await machine.attempt(["ip", "-j", "link", "show"])) ?? "[]"));
  return { index, peer: links.find(({ ifindex }) => ifindex === Number(index)) };
}
