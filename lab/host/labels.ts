/** An object of the engine's that may carry labels. */
interface Labelled {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether it carries all of these labels. */
export const carries = (object: Labelled, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => object.labels[key] === value);

/** Those that carry all of these labels, by name. */
export const labelled = <T extends Labelled>(
  objects: ReadonlyMap<string, T>,
  labels: Readonly<Record<string, string>>,
): T[] => [...objects.values()].filter((object) => carries(object, labels)).sort((a, b) => (a.name < b.name ? -1 : 1));
