/** An engine object that may have labels. */
interface Labelled {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether an object has all of these labels. */
export const carries = (object: Labelled, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => object.labels[key] === value);

/** Returns the objects that have all of these labels, sorted by name. */
export const labelled = <T extends Labelled>(
  objects: ReadonlyMap<string, T>,
  labels: Readonly<Record<string, string>>,
): T[] => [...objects.values()].filter((object) => carries(object, labels)).sort((a, b) => (a.name < b.name ? -1 : 1));
