/**
 * The result of an inspection.
 *
 * - `problem`: an `up` fails, or what it creates does not work
 * - `warning`: it comes up, but something is not as it should be
 * - `skipped`: could not be inspected from here
 * - `ok`: nothing is wrong
 */
export type Level = "problem" | "warning" | "skipped" | "ok";

/** The result of one inspection on a host. */
export interface Judgement {
  /** What was inspected, for programs: `engine-version`, `port`. */
  readonly id: string;
  readonly level: Level;
  readonly what: string;
  /**
   * Why it matters.
   * @default - clear from `what`
   */
  readonly why?: string;
  /**
   * How to fix it; a command if there is one.
   * @default - nothing to fix
   */
  readonly fix?: string;
}

/** A judgement and the host that was inspected. */
export interface Finding extends Judgement {
  readonly on: string;
}

export const HERE = "this host";

/** Makes findings of a host's judgements. */
export const found = (on: string, judgements: readonly Judgement[]): Finding[] =>
  judgements.map((judgement) => ({ ...judgement, on }));

/**
 * Lowers problems of a host that an `up` recreates to warnings, except the output of a login shell: it still makes `up`
 * fail.
 */
export const fixedBy = (findings: readonly Finding[], fix: string): Finding[] =>
  findings.map((each) =>
    each.level === "problem" && each.id !== "login-shell" ? { ...each, level: "warning", fix } : each,
  );
