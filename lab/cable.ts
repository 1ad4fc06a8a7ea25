import * as z from "zod";
import type { Container } from "./engine.ts";
import { enteringContainer } from "./entering.ts";
import type { Machine } from "./machine.ts";

const Links = z.array(z.object({ ifindex: z.int(), ifname: z.string(), master: z.string().optional() }));
const Eth0 = z.array(z.object({ ifindex: z.int(), link_index: z.int().optional() }));

/** The cable of a container's eth0: the number of its other end, and that end where the machine has it. */
export interface Cable {
  readonly index: string;
  /** `master` is the bridge that it is a port of. */
  readonly peer: { readonly ifname: string; readonly master?: string | undefined } | undefined;
}

/** Finds the other end of a container's eth0 by its number, in the kernel's words; undefined where there is no eth0. */
export async function cableOf(machine: Machine, container: Container): Promise<Cable | undefined> {
  const index = await otherEnd(machine, container);
  if (index === undefined) return undefined;
  const links = Links.parse(JSON.parse((await machine.attempt(["ip", "-j", "link", "show"])) ?? "[]"));
  return { index, peer: links.find(({ ifindex }) => ifindex === Number(index)) };
}

/** Its number, by the container's files where its namespace cannot be entered: `ip` may not be among its programs. */
async function otherEnd(machine: Machine, container: Container): Promise<string | undefined> {
  const enter = enteringContainer(machine, container);
  if (!enter) return machine.attempt(["docker", "exec", container.name, "cat", "/sys/class/net/eth0/iflink"]);
  const link = await machine.attempt([...enter, "ip", "-j", "link", "show", "dev", "eth0"]);
  const [eth0] = link === undefined ? [] : Eth0.parse(JSON.parse(link));
  return eth0 && String(eth0.link_index ?? eth0.ifindex);
}
