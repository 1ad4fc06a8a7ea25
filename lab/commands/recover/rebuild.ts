import { forget, replace } from "../../state/pulumi.ts";
import { type Resource, readExport } from "../../state/stackExport.ts";
import { removeUnknown } from "./leftovers.ts";
import { ownedBy } from "./owned.ts";

/** Types that are never recreated: images, which are not changed by hand, and volumes, which hold data. */
const KEPT = /^(pulumi:|docker:index\/(remoteImage|volume))/;

/**
 * Whether a resource is recreated with its lab. The address reservation, which all labs share, is not. Nor is the script that
 * keeps an image on a host: when it is replaced it removes the image, which Pulumi has sent again before. The volume of a
 * practice node is, because it holds the containers that the lab created in the node. All other volumes hold user data.
 */
export const isRemade = ({ urn, type, custom }: Resource): boolean =>
  custom === true &&
  !urn.includes("AddressReservation$") &&
  !urn.includes("ImageCopy$command:remote:") &&
  (!KEPT.test(type) || urn.includes("PracticeNode$docker:index/volume"));

/**
 * The resources of labs to recreate. Virtual machines and their keys are kept: removing what is on them takes less time
 * than creating new ones, on which Pulumi would look for it.
 */
export function remade(labs: readonly string[], resources: readonly Resource[]): Resource[] {
  const stay = resources.some(({ urn }) => urn.includes("PracticeVm$"));
  return ownedBy(labs, resources).filter((each) => isRemade(each) && !(stay && each.urn.includes("PracticeNodes$")));
}

/** Recreates all resources of labs except their data, in one update; returns its exit code. */
export async function rebuild(environment: string, labs: readonly string[]): Promise<number> {
  const { resources } = await readExport(environment);
  const chosen = remade(labs, resources);
  const nodes = chosen.filter(({ urn }) => urn.includes("PracticeNode$docker:"));
  const urns = chosen.map(({ urn }) => urn);
  if (nodes.length === 0) return replace(environment, urns);
  await removeNodes(environment, nodes);
  const left = new Set((await readExport(environment)).resources.map(({ urn }) => urn));
  return replace(
    environment,
    urns.filter((urn) => left.has(urn)),
  );
}

/**
 * Removes nodes and their volumes, and deletes everything on them from the state. Pulumi would ask the engine on a node
 * to delete its containers, and that engine may not answer.
 */
async function removeNodes(environment: string, nodes: readonly Resource[]): Promise<void> {
  const names = new Set(nodes.map(({ outputs }) => outputs?.name));
  await forget(
    environment,
    nodes.map(({ urn }) => urn),
  );
  await removeUnknown(environment, ({ name, host }) => host === undefined && names.has(name));
}
