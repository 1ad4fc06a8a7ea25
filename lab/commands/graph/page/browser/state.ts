/** The selection on the page, kept in the fragment of its address so that links can point at it. */
export interface State {
  /** Id of the selected object. */
  readonly select?: string | undefined;
  /** Id of the object at the other end of the path. */
  readonly to?: string | undefined;
  /** The only lab whose objects are shown. */
  readonly lab?: string | undefined;
}

const KEYS = ["select", "to", "lab"] as const;

/** Reads a fragment such as `#select=container:web&to=host:`. */
export function parseFragment(fragment: string): State {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const value = (key: string) => given.get(key) ?? undefined;
  return { select: value("select"), to: value("to"), lab: value("lab") };
}

/** The fragment of a state, with the colons of ids unescaped; empty without a selection. */
export const writeState = (state: State): string =>
  KEYS.flatMap((key) => (state[key] === undefined ? [] : [`${key}=${encodeURIComponent(state[key])}`]))
    .join("&")
    .replaceAll("%3A", ":");
