/**
 * What came of a look.
 *
 * - `problem`: an `up` fails, or what it makes does not work
 * - `warning`: it comes up, and something is not as it should be
 * - `skipped`: it could not be looked at from here
 * - `ok`: nothing is wrong
 */
export type Level = "problem" | "warning" | "skipped" | "ok";

/** A look at one thing of one host, and what came of it. */
export interface Judgement {
  /** What was looked at, for programs: `engine-version`, `port`. */
  readonly id: string;
  readonly level: Level;
  readonly what: string;
  /**
   * Why it matters.
   * @default - it says so itself
   */
  readonly why?: string;
  /**
   * How to fix it: a command where there is one.
   * @default - there is nothing to fix
   */
  readonly fix?: string;
}

/** It, and the host that was looked at. */
export interface Finding extends Judgement {
  readonly on: string;
}

export const HERE = "this host";

/** Judgements as findings of a host. */
export const found = (on: string, judgements: readonly Judgement[]): Finding[] =>
  judgements.map((judgement) => ({ ...judgement, on }));

/** Problems of a host that an `up` recreates, as warnings: only the output of a login shell would still make it fail. */
export const fixedBy = (findings: readonly Finding[], fix: string): Finding[] =>
  findings.map((each) =>
    each.level === "problem" && each.id !== "login-shell" ? { ...each, level: "warning", fix } : each,
  );
