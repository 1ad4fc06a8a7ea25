import { LAB_TYPE } from "../../../stacks/labs/index.ts";
import type { Resource } from "../../state/stackExport.ts";

const nameOf = ({ urn }: Resource): string => urn.split("::").at(-1) ?? "";

/**
 * The resources of some labs: all below their components, and what labs share, such as practice nodes, where no other lab needs
 * it.
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

/** Resources and all that they depend on. */
function closure(roots: readonly Resource[], known: ReadonlyMap<string, Resource>): Resource[] {
  const found = new Set(roots);
  // What is added while it is gone through is gone through as well.
  for (const { dependencies = [], provider } of found) {
    for (const urn of [...dependencies, ...(provider === undefined ? [] : [provider.replace(/::[^:]*$/, "")])]) {
      const each = known.get(urn);
      if (each) found.add(each);
    }
  }
  return [...found];
}
