import { randomBytes, randomInt } from "node:crypto";
import { join } from "node:path";
import { makePracticeNodes, type PracticeNodes } from "../test/practiceNodes.ts";

/** Practice nodes, and the key that root of each accepts. */
export type Nodes = PracticeNodes & { readonly keyFile: string };

/** Creates practice nodes, one after the other. */
export async function makeNodes(work: string, count: number, image: "node" | "node13"): Promise<Nodes> {
  const keyFile = join(work, "keys", "id_ed25519");
  const names = Array.from({ length: count }, (_, i) => `node${i + 1}`);
  const name = `dockernet-bench-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  return { ...(await makePracticeNodes({ name, subnet, work, names, keyFile, image })), keyFile };
}
