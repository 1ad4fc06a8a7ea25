import * as z from "zod";
import { network, networkProblems, withNetwork } from "../../fields.ts";
import { BRIDGED, describeLab } from "../describe.ts";

export const links = describeLab({
  row: 5,
  settings: z.strictObject(network),
  resolve: (own, share) => withNetwork(own, share.subnet),
  reserves: ({ subnet }) => ({ subnets: { subnet } }),
  problems: networkProblems,
  needs: {
    ...BRIDGED,
    images: ["box"],
    before: { major: 30, because: "links on the default bridge were removed in 30.0" },
    spoiledBy: ["bridge", "icc"],
  },
  presets: { practice: {}, basics: {} },
});
