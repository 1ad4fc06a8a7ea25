import * as z from "zod";
import type { HostAccess } from "../../stacks/checks.ts";
import { ownHost } from "../../stacks/hosts.ts";
import { Settings } from "../../stacks/schema.ts";
import { PROJECT_NAME } from "../../toolchain/environment.ts";
import { SetupError } from "../../toolchain/step.ts";
import { pulumi } from "./state.ts";

/** The machines of the user's that the settings of an environment name. */
export interface OwnHosts {
  readonly hosts: Readonly<Record<string, HostAccess>>;
  /** Those that nobody can get into, and why. */
  readonly unseen: readonly string[];
}

const Value = z.record(z.string(), z.object({ value: z.string().optional() }));

/** Reads them from the settings and not from the state, which knows no hosts after a destroy. Those that are gone are left out. */
export async function ownHosts(environment: string, env: NodeJS.ProcessEnv): Promise<OwnHosts> {
  const file = `stacks/Pulumi.${environment}.yaml`;
  const settings = Value.parse(await pulumi(["config", "--json", "--stack", environment], env, `see ${file}`));
  const parsed = Settings.shape.hosts.safeParse(JSON.parse(settings[`${PROJECT_NAME}:hosts`]?.value ?? "[]"));
  if (!parsed.success) throw new SetupError(`the setting hosts in ${file} is wrong:\n${z.prettifyError(parsed.error)}`);

  const hosts: Record<string, HostAccess> = {};
  const unseen: string[] = [];
  for (const host of parsed.data.filter(({ gone }) => !gone)) {
    try {
      const { ssh, hostKey, sudo } = ownHost(host);
      hosts[host.name] = { ...ssh, hostKey, sudo };
    } catch (error) {
      unseen.push(`${host.name}: ${(error as Error).message}`);
    }
  }
  return { hosts, unseen };
}
