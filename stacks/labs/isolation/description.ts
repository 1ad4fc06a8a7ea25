import * as z from "zod";
import { port } from "../../fields.ts";
import { BRIDGED, describeLab } from "../describe.ts";

export const isolation = describeLab({
  row: 7,
  settings: z.strictObject({ port }),
  resolve: (own, share) => ({ port: own.port ?? share.port }),
  reserves: ({ port }) => ({ ports: { port } }),
  needs: { ...BRIDGED, images: ["box"], spoiledBy: ["bridge", "userns-remap"] },
  presets: { practice: {}, basics: {} },
});
