import type { HostAccess } from "../../../stacks/checks.ts";
import { parseHosts } from "../../../stacks/config.ts";
import type { HostSettings } from "../../../stacks/fields.ts";
import { accessToOwn, ownHost } from "../../../stacks/hosts.ts";
import { LabError } from "../../cli/errors.ts";
import { configOf, parseStackConfig } from "../../state/stackConfig.ts";
import { pulumi } from "./state.ts";

/** The user's own hosts in the settings of an environment. */
export interface OwnHosts {
  readonly hosts: Readonly<Record<string, HostAccess>>;
  /** Hosts whose SSH login fails, with the reason. */
  readonly unseen: readonly string[];
}

/** Reads them from the settings, because the state has no hosts after a destroy. Leaves out hosts marked as gone. */
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
