import { readFileSync } from "node:fs";
import * as z from "zod";
import { HostAccess } from "../../stacks/checks.ts";
import { backendFolder, stateFile } from "../../toolchain/fileBackend.ts";
import { run } from "../../toolchain/run.ts";

const Resource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  custom: z.boolean().optional(),
  parent: z.string().optional(),
  /** Its URN, followed by its id. */
  provider: z.string().optional(),
  dependencies: z.array(z.string()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});

/** A resource in a state, with the fields used here. */
export type Resource = z.infer<typeof Resource>;

const Exported = z.object({
  deployment: z
    .object({
      secrets_providers: z
        .object({ type: z.string(), state: z.object({ salt: z.string().optional() }).nullish().catch(undefined) })
        .optional(),
      pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).nullish(),
      resources: z.array(Resource).nullish(),
    })
    .nullish(),
});

/** The name of a resource. */
export const nameOf = ({ urn }: Pick<Resource, "urn">): string => urn.split("::").at(-1) ?? "";

/** The name of a script's resource without the host that ends it, as those on other hosts have. */
export const scriptNameOf = (resource: Pick<Resource, "urn">): string => nameOf(resource).split("@")[0] ?? "";

/** Content of a state. */
export interface Deployment {
  readonly resources: readonly Resource[];
  /** Operations that a killed run had begun, such as `creating web`. */
  readonly pending: readonly string[];
  /** How its secrets are encrypted, such as `passphrase`; undefined before the first `up`. */
  readonly secretsProvider: string | undefined;
  /** Value to check the passphrase of the secrets; undefined if they have another provider. */
  readonly encryptionSalt?: string | undefined;
}

/** Returns the arguments of the `pulumi` command that prints a state; its secrets stay encrypted. */
export const exportOf = (environment: string): string[] => ["stack", "export", "--stack", environment];

/**
 * Reads the JSON that this command printed; undefined for a stack without a deployment. Throws a ZodError if it is no
 * export.
 */
export function parseExport(printed: unknown): Deployment | undefined {
  const { deployment } = Exported.parse(printed);
  if (!deployment) return undefined;
  const { resources, pending_operations: pending, secrets_providers: secrets } = deployment;
  return {
    resources: resources ?? [],
    pending: (pending ?? []).map(({ type, resource }) => `${type} ${nameOf(resource)}`),
    secretsProvider: secrets?.type,
    encryptionSalt: secrets?.state?.salt,
  };
}

/** Reads the state of a stack in the backend of this process. */
export async function readExport(environment: string): Promise<Deployment> {
  const text = await run("pulumi", [...exportOf(environment), "--non-interactive"]);
  return parseExport(JSON.parse(text)) ?? { resources: [], pending: [], secretsProvider: undefined };
}

/** The stack of a `pulumi` command; without a name, the selected one. */
export interface StackOptions {
  readonly stack: string | undefined;
  readonly cwd?: string | undefined;
}

/** Returns the resources in a stack's state; none if the state is missing or cannot be read. */
export async function recordedResources({ stack, cwd }: StackOptions): Promise<readonly Resource[]> {
  const inFile = cwd === undefined && stack !== undefined ? fileResources(stack) : undefined;
  if (inFile) return inFile;
  const given = Object.entries({ stack, cwd }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  return run("pulumi", ["stack", "export", ...given, "--non-interactive"])
    .then((text) => parseExport(JSON.parse(text))?.resources ?? [])
    .catch(() => []);
}

/** Reads the resources of a state in a file backend without starting the CLI; undefined if only the CLI can read it. */
function fileResources(stack: string, backendUrl = process.env.PULUMI_BACKEND_URL): readonly Resource[] | undefined {
  const backend = backendFolder(backendUrl ?? "");
  if (backend === undefined || stack.includes("/")) return undefined;
  try {
    const { checkpoint } = JSON.parse(readFileSync(stateFile(backend, stack), "utf8"));
    return parseExport({ deployment: checkpoint?.latest })?.resources ?? [];
  } catch {
    return undefined; // compressed, damaged, or not there
  }
}

/** Marks each value of a state that JSON cannot represent, such as a secret (pulumi, sdk/go/common/resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Reads the outputs of a stack in a file backend without starting the CLI; undefined if only the CLI can read them. */
export function fileOutputs(stack: string, backendUrl: string | undefined): unknown {
  const outputs = fileResources(stack, backendUrl)?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  return JSON.stringify(outputs)?.includes(SIGNATURE) ? undefined : outputs;
}

/** Returns the hosts of the last `up`, by name; none if the environment is not up. */
export function hostsIn(resources: readonly Resource[]): Readonly<Record<string, HostAccess>> {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return z.record(z.string(), HostAccess).safeParse(stack?.outputs?.hosts).data ?? {};
}
