/** What a release depends on, apart from its tests. */
export interface ReleaseFacts {
  readonly version: string;
  /** Output of `git status --porcelain`. */
  readonly changes: string;
  /** Tags of the current commit. */
  readonly tags: readonly string[];
  /** The text of components/CHANGELOG.md. */
  readonly changelog: string;
}

/** Steps that are left before this version can be published; empty if there are none. */
export function openSteps({ version, changes, tags, changelog }: ReleaseFacts): string[] {
  const changed = changes.split("\n").filter((line) => line !== "").length;
  return [
    ...(changed > 0 ? [`commit or discard ${changed} changed files`] : []),
    ...(changelog.includes(`\n## [${version}]`) ? [] : [`add a section [${version}] to components/CHANGELOG.md`]),
    ...(tags.includes(`v${version}`) ? [] : [`tag the commit: git tag v${version}`]),
  ];
}
