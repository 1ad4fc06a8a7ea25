import * as z from "zod";
import type { HostAccess } from "../../../stacks/checks.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { backendFolder } from "../../../toolchain/fileBackend.ts";
import { errorTail, run } from "../../../toolchain/run.ts";
import { LabError } from "../../cli/errors.ts";
import { backendUrl } from "../../state/backend.ts";
import { readLocks } from "../../state/locks.ts";
import { exportOf, hostsIn, parseExport, type Resource } from "../../state/stackExport.ts";

/** The objects in a state. */
export interface Inventory {
  /** Ids of containers and networks, names of volumes. */
  readonly ids: ReadonlySet<string>;
  /**
   * Objects created by scripts: their component, host, and triggers, which identify the object; undefined if secret.
   */
  readonly commands: readonly {
    readonly component: string;
    readonly host: string | undefined;
    readonly triggers: readonly string[] | undefined;
  }[];
  /** Components with at least one Docker object or command. */
  readonly components: ReadonlySet<string>;
  /** The hosts of the last `up`, by name. */
  readonly hosts: Readonly<Record<string, HostAccess>>;
}

/** The inventory of an environment without a state. */
export const NOTHING: Inventory = { ids: new Set(), commands: [], components: new Set(), hosts: {} };

/** Timeout of a question to the backend. */
const TIMEOUT_MS = 60_000;

/** Returns the JSON output of a `pulumi` command. Throws its error with this advice. */
export async function pulumi(args: readonly string[], env: NodeJS.ProcessEnv, advice: string): Promise<unknown> {
  const options = { cwd: PROJECT, env, timeoutMs: TIMEOUT_MS };
  const text = await run("pulumi", [...args, "--non-interactive"], options).catch((error) => {
    throw new LabError(`pulumi ${args.join(" ")} failed (${advice}):\n${errorTail(error, 3)}`);
  });
  return JSON.parse(text);
}

const Stacks = z.array(z.object({ name: z.string(), updateInProgress: z.boolean().optional() }));

/** The backend's environments, and whether an update of each is in progress. */
export async function listStacks(env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, boolean>> {
  const [listed, url] = await Promise.all([
    pulumi(["stack", "ls", "--json"], env, "is a state damaged? npx lab recover ENVIRONMENT"),
    backendUrl(env),
  ]);
  const backend = backendFolder(url);
  return new Map(
    Stacks.parse(listed).map(({ name, updateInProgress = false }) => {
      const stack = name.slice(name.lastIndexOf("/") + 1);
      // Pulumi does not report this for file backends.
      return [stack, updateInProgress || (backend !== undefined && readLocks(backend, stack).length > 0)];
    }),
  );
}

/** Reads the objects in the state of an environment; secrets stay encrypted. */
export const readInventory = async (environment: string, env: NodeJS.ProcessEnv): Promise<Inventory> =>
  parseInventory(environment, await pulumi(exportOf(environment), env, `npx lab recover ${environment}`));

/** Reads the output of `pulumi stack export`. */
export function parseInventory(environment: string, printed: unknown): Inventory {
  const resources = resourcesOf(environment, printed);
  // A component can be in the state after everything in it was removed.
  const real = resources.filter(({ type }) => /^(docker|command):/.test(type));
  return {
    ids: new Set(real.flatMap(idsOf)),
    commands: real.filter(({ type }) => type.startsWith("command:")).map(commandOf),
    components: new Set(real.flatMap(parentsOf)),
    hosts: hostsIn(resources),
  };
}

function resourcesOf(environment: string, printed: unknown): readonly Resource[] {
  try {
    return parseExport(printed)?.resources ?? [];
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const wrong = z.prettifyError(error);
    throw new LabError(
      `the state of environment ${environment} is damaged (npx lab recover ${environment}):\n${wrong}`,
    );
  }
}

/** The id of a Docker object, or the ids that a script printed, as `docker run` and `docker network create` do. */
const idsOf = ({ type, id, outputs }: Resource): string[] =>
  type.startsWith("docker:") ? [id ?? ""] : (String(outputs?.stdout ?? "").match(/\b[0-9a-f]{64}\b/g) ?? []);

/** The types of a resource's parents, from its URN. */
const parentsOf = ({ urn }: Resource): string[] =>
  urn.split("::")[2]?.replaceAll("dockernet:index:", "").split("$") ?? [];

const Triggers = z.array(z.string());

/** The object that a script created. The component around the command is its kind. */
function commandOf(resource: Resource): Inventory["commands"][number] {
  const parents = parentsOf(resource);
  const [, , , name = ""] = resource.urn.split("::");
  const at = name.lastIndexOf("@");
  const triggers = Triggers.safeParse(resource.outputs?.triggers ?? []);
  return {
    component: parents.at(-2) ?? "",
    host: at < 0 ? undefined : name.slice(at + 1),
    triggers: triggers.data,
  };
}
