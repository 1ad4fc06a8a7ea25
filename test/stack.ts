import type {
  DestroyOptions,
  OutputMap,
  RefreshOptions,
  Stack,
  UpdateSummary,
  UpOptions,
} from "@pulumi/pulumi/automation/index.js";

/** What a run printed. */
interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A stack whose runs start the CLI once. Automation API starts it up to three times more after each run, for outputs and a
 * summary: whoever wants those calls `outputs` and `info`.
 */
export type TestStack = Omit<Stack, "up" | "destroy" | "refresh"> & {
  up(options?: UpOptions): Promise<Printed>;
  destroy(options?: DestroyOptions): Promise<Printed>;
  refresh(options?: RefreshOptions): Promise<Printed>;
};

/** Makes one of a stack. */
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
