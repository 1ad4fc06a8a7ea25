import type {
  DestroyOptions,
  OutputMap,
  RefreshOptions,
  Stack,
  UpdateSummary,
  UpOptions,
} from "@pulumi/pulumi/automation/index.js";

/** Output of a run. */
interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A stack whose runs start the CLI once. The Automation API starts it up to three more times after each run, for
 * outputs and a summary; tests that need those call `outputs` and `info`.
 */
export type TestStack = Omit<Stack, "up" | "destroy" | "refresh"> & {
  up(options?: UpOptions): Promise<Printed>;
  destroy(options?: DestroyOptions): Promise<Printed>;
  refresh(options?: RefreshOptions): Promise<Printed>;
};

/** Wraps a stack. */
export function testStack(stack: Stack): TestStack {
  const silent: Stack = Object.create(stack, {
    outputs: { value: async (): Promise<OutputMap> => ({}) },
    info: { value: async (): Promise<UpdateSummary | undefined> => undefined },
  });
  return Object.create(stack, {
    up: { value: (options?: UpOptions) => silent.up(options) },
    destroy: { value: (options?: DestroyOptions) => silent.destroy(options) },
    refresh: { value: (options?: RefreshOptions) => silent.refresh(options) },
  });
}
