/** One thing that was found, and what is done about it. */
export interface Step {
  readonly found: string;
  readonly does: string;
  readonly act: () => Promise<void>;
}
