import type { HostAccess } from "../../stacks/checks.ts";
import { type Config, nodeNames } from "../../stacks/config.ts";
import { lastWords, run } from "../../toolchain/run.ts";
import { SetupError } from "../../toolchain/step.ts";
import { lookAtAddresses } from "./addresses.ts";
import { judgeSize, lookBetween } from "./between.ts";
import { judgeEngine } from "./engine.ts";
import { readFacts, shellScript } from "./facts.ts";
import { type Finding, found, HERE, type Judgement, mended } from "./finding.ts";
import { type Host, lookAtHost } from "./host.ts";
import { labsHere, labsOn, NEEDS } from "./needs.ts";
import { checkSettings, settingsFile } from "./settings.ts";
import { readState } from "./state.ts";
import { judgeFirewall, judgeRoot, judgeSystem } from "./system.ts";

const FACTS = new URL("facts.sh", import.meta.url);
const TIMEOUT_MS = 20_000;

/**
 * Looks whether an environment can come up on its machines, and changes nothing. What `env` says goes to Pulumi, which
 * tells the settings and what there is already.
 */
export async function diagnose(environment: string, env: NodeJS.ProcessEnv = {}): Promise<Finding[]> {
  const state = await readState(environment, env);
  const checked = checkSettings(environment, state.settings ?? (await settingsFile(environment)));
  const pulumi = found("pulumi", state.judgements);
  if ("wrong" in checked) return [...found("settings", [checked.wrong]), ...pulumi];
  const { config } = checked;
  const own = config.hosts.length > 0;
  const hosts = own ? ownHosts(config) : practiceNodes(config, state.hosts);
  const [here, addresses, there] = await Promise.all([
    lookHere(config),
    lookAtAddresses(config),
    lookThere(config, hosts, Object.keys(state.hosts).length > 0),
  ]);
  const size = own ? config.hosts.length : config.overlay.nodes;
  return [
    ...pulumi,
    ...found(HERE, [...here, ...addresses]),
    ...(config.labs.includes("overlay") ? found("settings", [judgeSize(size)]) : []),
    ...(own ? there : mended(there, `npx pulumi up -s ${environment} --refresh makes it again`)),
  ];
}

async function lookHere(config: Config): Promise<Judgement[]> {
  const labs = labsHere(config);
  const input = shellScript([{ script: FACTS, call: "facts" }]);
  const printed = await run("sh", ["-s"], { timeoutMs: TIMEOUT_MS, input }).catch((error) => {
    throw new SetupError(`this machine could not be looked at: ${lastWords(error, 1)}`);
  });
  const facts = readFacts(printed);
  // An engine on another machine has that one's kernel, rules and disk.
  const local = /^unix:|^$/.test(process.env.DOCKER_HOST ?? "");
  if (!local) {
    const what = `kernel, firewall and disk were not looked at: the engine is on another machine (${process.env.DOCKER_HOST})`;
    return [...judgeEngine(facts, labs), { id: "system", level: "skipped", what }];
  }
  const engine = labs.some((lab) => NEEDS[lab].engine);
  return [
    ...judgeEngine(facts, labs),
    ...judgeRoot(facts, labs),
    ...judgeSystem(facts, labs),
    ...(engine ? judgeFirewall(facts) : []),
  ];
}

async function lookThere(config: Config, hosts: readonly Host[], up: boolean): Promise<Finding[]> {
  const looked = await Promise.all(hosts.map((host) => lookAtHost(config, host, up)));
  const overlay = looked.filter(({ host }) => host.labs.includes("overlay"));
  return [...looked.flatMap(({ findings }) => findings), ...(await lookBetween(overlay))];
}

/** The machines of the user's that something is made on. One that is gone is dialled by nobody. */
const ownHosts = (config: Config): Host[] =>
  config.hosts
    .map(({ name, address, ssh, hostKey, sudo, gone }) => {
      const access: HostAccess = { ...ssh, hostKey, sudo };
      return { name, address, access, labs: gone ? [] : labsOn(config, name) };
    })
    .filter(({ labs }) => labs.length > 0);

/** The practice nodes that are there already. */
const practiceNodes = (config: Config, hosts: Readonly<Record<string, HostAccess>>): Host[] =>
  nodeNames(config.overlay.nodes).flatMap((name) => {
    const access = hosts[name];
    return access ? [{ name, address: access.address, access, labs: labsOn(config, name) }] : [];
  });
