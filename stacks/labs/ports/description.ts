import * as z from "zod";
import { network, networkProblems, port, withNetwork } from "../../fields.ts";
import { BRIDGED, describeLab } from "../describe.ts";

export const ports = describeLab({
  row: 6,
  settings: z.strictObject({ ...network, port }),
  resolve: (own, share) => ({ ...withNetwork(own, share.subnet), port: own.port ?? share.port }),
  reserves: ({ subnet, port }) => ({ subnets: { subnet }, ports: { port } }),
  problems: networkProblems,
  needs: { ...BRIDGED, images: ["nginx"] },
  presets: { practice: { port: 80 }, basics: {} },
});
