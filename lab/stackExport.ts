import * as z from "zod";
import { HostAccess } from "../stacks/checks.ts";
import { run } from "../toolchain/run.ts";

const Resource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  custom: z.boolean().optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});

/** A resource in a state, as far as it is needed. */
export type Resource = z.infer<typeof Resource>;

const Exported = z.object({
  deployment: z
    .object({
      secrets_providers: z.object({ type: z.string() }).optional(),
      pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).nullish(),
      resources: z.array(Resource).nullish(),
    })
    .nullish(),
});

/** What is in a state. */
export interface Deployment {
  readonly resources: readonly Resource[];
  /** What a run was about to do when it died, such as `creating web`. */
  readonly pending: readonly string[];
  /** How its secrets are encrypted, such as `passphrase`; undefined where no `up` was made yet. */
  readonly secretsProvider: string | undefined;
}

/** The arguments of the `pulumi` command that prints a state; its secrets stay encrypted. */
export const exportOf = (environment: string): string[] => ["stack", "export", "--stack", environment];

/** Reads the JSON that this command printed; undefined for a stack without a deployment, a ZodError for what is none. */
export function parseExport(printed: unknown): Deployment | undefined {
  const { deployment } = Exported.parse(printed);
  if (!deployment) return undefined;
  const { resources, pending_operations: pending, secrets_providers: secrets } = deployment;
  return {
    resources: resources ?? [],
    pending: (pending ?? []).map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`),
    secretsProvider: secrets?.type,
  };
}

/** Reads it, of a stack of the backend that this process uses. */
export async function readExport(environment: string): Promise<Deployment> {
  const text = await run("pulumi", [...exportOf(environment), "--non-interactive"]);
  return parseExport(JSON.parse(text)) ?? { resources: [], pending: [], secretsProvider: undefined };
}

/** The machines of the last `up`, by name; none of an environment that is not up. */
export function hostsIn(resources: readonly Resource[]): Readonly<Record<string, HostAccess>> {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return z.record(z.string(), HostAccess).safeParse(stack?.outputs?.hosts).data ?? {};
}
