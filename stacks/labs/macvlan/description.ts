import * as z from "zod";
import { hostAddress, parseCidr, subBlock } from "../../../components/lib/cidr.ts";
import { block } from "../../fields.ts";
import { describeLab } from "../describe.ts";

/** Name in `practice` of the host's end of the veth pair to the LAN. */
export const PARENT = "veth-lan";

export const macvlan = describeLab({
  row: 10,
  settings: z.strictObject({
    /** Block of the LAN: for the host, another machine and, in its upper half, containers. */
    subnet: block(8, 28).optional(),
  }),
  resolve: (own, share) => {
    const subnet = own.subnet ?? share.subnet;
    const ipRange = subBlock(subnet, parseCidr(subnet).subnetMask + 1, 1);
    return {
      subnet,
      ipRange,
      addresses: {
        host: hostAddress(subnet, 1),
        machine: hostAddress(subnet, 2),
        mac1: hostAddress(ipRange, 1),
        mac2: hostAddress(ipRange, 2),
      },
    };
  },
  reserves: ({ subnet }) => ({ subnets: { subnet } }),
  needs: { modules: ["veth", "macvlan"], images: ["box"], engine: true, spoiledBy: ["userns-remap"] },
  interfaces: [PARENT],
  presets: {},
});
