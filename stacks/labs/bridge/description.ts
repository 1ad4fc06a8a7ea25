import * as z from "zod";
import { subBlock } from "../../../components/lib/cidr.ts";
import { defaultSubnet } from "../../../components/lib/identity.ts";
import { block, network, networkProblems, withNetwork } from "../../fields.ts";
import { BRIDGED, describeLab } from "../describe.ts";

/** Name in `practice` of the host's end of the veth pair to the outside host. */
export const OUTSIDE_INTERFACE = "veth-outside";

/** Number of the default /24 block that contains the outside host's block; those of labs have lower numbers. */
const OUTSIDE_SHARE = 15;

export const bridge = describeLab({
  row: 4,
  settings: z.strictObject({
    ...network,
    /** Block of the veth pair to the outside host. */
    outside: block(8, 30).optional(),
  }),
  resolve: (own, { identity, subnet }) => ({
    ...withNetwork(own, subnet),
    outside: own.outside ?? subBlock(defaultSubnet(identity, OUTSIDE_SHARE), 30, 0),
  }),
  reserves: ({ subnet, outside }) => ({ subnets: { subnet, outside } }),
  problems: networkProblems,
  interfaces: [OUTSIDE_INTERFACE],
  needs: {
    ...BRIDGED,
    images: ["box"],
    spoiledBy: ["bridge", "icc", "bip", "iptables", "ip-masq", "userns-remap"],
  },
  presets: { practice: {}, basics: {} },
});
