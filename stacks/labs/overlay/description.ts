import * as z from "zod";
import { block, MOST_HOSTS, text } from "../../fields.ts";
import { expected } from "../../words.ts";
import { BRIDGED, describeLab } from "../describe.ts";

const sha256 = z.strictObject({ amd64: text("a checksum").optional(), arm64: text("a checksum").optional() });

/** Where the program etcd comes from, beside the distribution's packages. */
const archive = z.strictObject({
  version: text("a version"),
  url: text("a URL").optional(),
  sha256: sha256.optional(),
});

/** The certificates of the etcd cluster, with TLS. */
const certificates = z.strictObject({
  rotation: text("a word").default(""),
  days: z
    .int(expected("a whole number"))
    .min(1, expected("1 to 3650 days"))
    .max(3650, expected("1 to 3650 days"))
    .default(365),
});

const settings = z.strictObject({
  subnet: block(8, 24).optional(),
  nodes: z
    .int(expected("a whole number"))
    .min(1, expected("1 to 7 nodes"))
    .max(MOST_HOSTS, expected("1 to 7 nodes"))
    .default(2),
  practiceNodes: z.enum(["container", "vm"], expected("container or vm")).default("container"),
  network: block(8, 28).default("10.10.0.0/24"),
  supervisor: z.enum(["systemd", "nohup"], expected("systemd or nohup")).default("systemd"),
  listen: z.array(text("a socket")).default([]),
  archive: archive.optional(),
  tls: z.boolean(expected("true or false")).optional(),
  certificates: certificates.prefault({}),
});

export const overlay = describeLab({
  row: 9,
  settings,
  /** `subnet` is the LAN of the practice nodes, `network` the block of the overlay network. */
  resolve: (own, share) => ({ ...own, subnet: own.subnet ?? share.subnet }),
  uses: ({ network }) => ({ network: [network] }),
  hosts: () => "all",
  needs: { ...BRIDGED, images: ["tiny"], modules: [...BRIDGED.modules, "vxlan"], spoiledBy: ["userns-remap"] },
  presets: { practice: { subnet: "192.168.174.0/24" } },
});
