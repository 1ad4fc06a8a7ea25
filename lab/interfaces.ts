import * as z from "zod";

/** What `ip -j address show` prints, as far as the checks need it. */
const Interfaces = z.array(
  z.object({
    ifname: z.string(),
    flags: z.array(z.string()),
    addr_info: z.array(z.object({ family: z.string(), local: z.string(), prefixlen: z.int() })),
  }),
);

/**
 * The interfaces in the output of `ip -j address show`: by name a state and the IPv4 addresses, for example
 * `up 192.168.1.1/24`. The states are `up`, `down`, and `unplugged`, which is up with the other end of the cable down.
 */
export function readInterfaces(json: string): ReadonlyMap<string, string> {
  return new Map(
    Interfaces.parse(JSON.parse(json)).map(({ ifname, flags, addr_info }) => {
      const state = flags.includes("UP") ? (flags.includes("LOWER_UP") ? "up" : "unplugged") : "down";
      const addresses = addr_info.filter(({ family }) => family === "inet");
      return [ifname, [state, ...addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`)].join(" ")];
    }),
  );
}
