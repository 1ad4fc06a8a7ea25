import { attempt } from "../toolchain/run.ts";
import { changedSince, isAnyOf } from "./changed.ts";
import { dependenciesOf, passedOn } from "./passed.ts";

/**
 * Stages and test files that take long and prove one thing each, of which the other files prove the usual case. A whole
 * `npm test` runs them if something that they depend on differs from the branch that this one follows; continuous
 * integration, `--all`, and naming them run them anyway.
 */
const ONE_THING = [
  "providers",
  "test/e2e/etcd-upgrade.test.ts",
  "test/e2e/faults.test.ts",
  "test/e2e/graph-page.test.ts",
  "test/e2e/jump.test.ts",
  "test/e2e/practice-vm.test.ts",
  "test/e2e/quorum.test.ts",
  "test/e2e/swarm-managers.test.ts",
  "test/e2e/vms.test.ts",
  "test/integration/python.test.ts",
];

/** A part of the test suite, and why it need not run. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** What a whole `npm test` need not run, of the parts with these names and hashes of their sources. */
export async function leftOut(sources: ReadonlyMap<string, string | undefined>): Promise<LeftOut[]> {
  const followed = await followedBranch();
  const changed = followed && (await changedSince(followed.commit));
  return [...sources].flatMap(([name, hash]) => {
    const day = passedOn(name, hash);
    if (day !== undefined) return [{ name, why: `passed on ${day} with the same sources and engine` }];
    return followed && changed && isUntouched(name, changed)
      ? [{ name, why: `depends on nothing that differs from ${followed.name}` }]
      : [];
  });
}

/** Whether a stage or test file proves one thing only, and depends on none of these files. */
export function isUntouched(name: string, changed: readonly string[]): boolean {
  return ONE_THING.includes(name) && !isAnyOf(changed, dependenciesOf(name));
}

/** The branch of a remote repository that the current one follows, or the main branch there, and the last commit in common. */
async function followedBranch(): Promise<{ readonly name: string; readonly commit: string } | undefined> {
  for (const name of ["@{upstream}", "origin/HEAD"]) {
    const commit = await attempt("git", ["merge-base", "HEAD", name]);
    const full = await attempt("git", ["rev-parse", "--abbrev-ref", name]);
    if (commit && full) return { name: full, commit };
  }
  return undefined;
}
