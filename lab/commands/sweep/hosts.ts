import type { HostAccess } from "../../../stacks/checks.ts";
import { parseHosts } from "../../../stacks/config.ts";
import type { HostSettings } from "../../../stacks/fields.ts";
import { accessToOwn, ownHost } from "../../../stacks/hosts.ts";
import { LabError } from "../../cli/errors.ts";
import { configOf, parseStackConfig } from "../../state/stackConfig.ts";
import { pulumi } from "./state.ts";

/** The hosts of the user's that the settings of an environment name. */
export interface OwnHosts {
  readonly hosts: Readonly<Record<string, HostAccess>>;
  /** Those whose SSH login fails, and why. */
  readonly unseen: readonly string[];
}

/** Reads them from the settings and not from the state, which knows no hosts after a destroy. Those that are gone are left out. */
export async function ownHosts(environment: string, env: NodeJS.ProcessEnv): Promise<OwnHosts> {
  const file = `stacks/Pulumi.${environment}.yaml`;
  const settings = parseStackConfig(await pulumi(configOf(environment), env, `see ${file}`));
  const named = attemptHosts(file, settings.hosts);
  const hosts: Record<string, HostAccess> = {};
  const unseen: string[] = [];
  for (const host of named.filter(({ gone }) => !gone)) {
    try {
      hosts[host.name] = accessToOwn(ownHost(host));
    } catch (error) {
      unseen.push(`${host.name}: ${(error as Error).message}`);
    }
  }
  return { hosts, unseen };
}

function attemptHosts(file: string, value: string | undefined): HostSettings[] {
  try {
    return parseHosts(value);
  } catch (error) {
    throw new LabError(`the setting hosts in ${file} is wrong:\n  ${(error as Error).message}`);
  }
}
