import { forget, pulumi } from "../../state/pulumi.ts";
import { type Resource, readExport } from "../../state/stackExport.ts";
import { removeUnknown } from "./leftovers.ts";
import { ownedBy } from "./owned.ts";

/** What is never made again: images, which are not changed by hand, and what has no lab's state in it. */
const KEPT = /^(pulumi:|docker:index\/(remoteImage|volume))/;

/**
 * Whether a resource is made again with its lab; what reserves addresses for all of them is not. The volume of a practice
 * node is: what the lab made in the node is there, and would be in the way of itself. Any other volume has what people
 * put into it.
 */
export const isRemade = ({ urn, type, custom }: Resource): boolean =>
  custom === true &&
  !urn.includes("AddressReservation$") &&
  (!KEPT.test(type) || urn.includes("PracticeNode$docker:index/volume"));

/**
 * The resources of labs that are made again. Virtual machines stay, with their keys: what is on them is removed from them, which
 * takes less time than new ones, and Pulumi would look for it on the new ones.
 */
export function remade(labs: readonly string[], resources: readonly Resource[]): Resource[] {
  const stay = resources.some(({ urn }) => urn.includes("PracticeVm$"));
  return ownedBy(labs, resources).filter((each) => isRemade(each) && !(stay && each.urn.includes("PracticeNodes$")));
}

/** Takes down all that labs have made, their data excepted, and makes it again, in one update; gives its exit code. */
export async function rebuild(environment: string, labs: readonly string[]): Promise<number> {
  const { resources } = await readExport(environment);
  const chosen = remade(labs, resources);
  await removeNodes(
    environment,
    chosen.filter(({ urn }) => urn.includes("PracticeNode$docker:")),
  );
  const left = new Set((await readExport(environment)).resources.map(({ urn }) => urn));
  const replaced = chosen.filter(({ urn }) => left.has(urn));
  return pulumi(environment, ["up", ...replaced.flatMap(({ urn }) => ["--replace", urn])]);
}

/**
 * To delete what is on a node, Pulumi would ask the engine there, which may not answer. So nodes are removed with their
 * volumes, and what was on them leaves the state.
 */
async function removeNodes(environment: string, nodes: readonly Resource[]): Promise<void> {
  if (nodes.length === 0) return;
  const names = new Set(nodes.map(({ outputs }) => outputs?.name));
  await forget(
    environment,
    nodes.map(({ urn }) => urn),
  );
  await removeUnknown(environment, ({ name, host }) => host === undefined && names.has(name));
}
