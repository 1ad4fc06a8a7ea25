import { LAB_TYPE } from "../../../stacks/labs/index.ts";
import { nameOf, type Resource } from "../../state/stackExport.ts";

/**
 * The resources of labs: everything below their components, and shared resources, such as practice nodes, that no other
 * lab needs.
 */
export function ownedBy(labs: readonly string[], resources: readonly Resource[]): Resource[] {
  const known = new Map(resources.map((each) => [each.urn, each]));
  /** The component below the stack that a resource belongs to, or it itself. */
  const topOf = (resource: Resource): Resource => {
    const parent = known.get(resource.parent ?? "");
    return parent?.parent === undefined ? resource : topOf(parent);
  };
  const isLab = (resource: Resource) => resource.type === LAB_TYPE;
  const neededBy = (picks: (lab: string) => boolean): ReadonlySet<Resource> => {
    const roots = resources.filter((each) => isLab(topOf(each)) && picks(nameOf(topOf(each))));
    return new Set(closure(roots, known).map(topOf));
  };
  const theirs = neededBy((lab) => labs.includes(lab));
  const others = neededBy((lab) => !labs.includes(lab));
  return resources.filter((each) => theirs.has(topOf(each)) && !others.has(topOf(each)));
}

/** Resources and their dependencies, direct and indirect. */
function closure(roots: readonly Resource[], known: ReadonlyMap<string, Resource>): Resource[] {
  const found = new Set(roots);
  // A set also iterates over elements that are added during the loop.
  for (const { dependencies = [], provider } of found) {
    for (const urn of [...dependencies, ...(provider === undefined ? [] : [provider.replace(/::[^:]*$/, "")])]) {
      const each = known.get(urn);
      if (each) found.add(each);
    }
  }
  return [...found];
}
