import * as z from "zod";
import { withoutPrefix } from "../../../components/lib/cidr.ts";
import { cable, LOCAL, text } from "../../fields.ts";
import { describeLab } from "../describe.ts";

/** The tutorial's addresses of the two ends of the veth pair. */
const CABLE: readonly [string, string] = ["192.168.1.1/24", "192.168.1.2/24"];

export const namespaces = describeLab({
  row: 3,
  settings: z.strictObject({
    /** Addresses of the two ends of the veth pair, with prefix length. */
    addresses: cable.default(CABLE),
    /** The host that the namespaces are on. */
    host: text("local or the name of a host").default(LOCAL),
  }),
  resolve: (own) => own,
  uses: ({ addresses }) => ({ addresses: addresses.map(withoutPrefix) }),
  hosts: ({ host }) => (host === LOCAL ? undefined : [host]),
  needs: { modules: ["veth"], images: [], engine: false, root: "to make network namespaces" },
  presets: { practice: { host: "docker-node1" }, basics: {} },
});
