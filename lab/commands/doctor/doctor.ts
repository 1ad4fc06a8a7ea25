import { ownerOf } from "../../../components/lib/identity.ts";
import type { HostAccess } from "../../../stacks/checks.ts";
import { type Config, nodeNames } from "../../../stacks/config.ts";
import { accessToOwn } from "../../../stacks/hosts.ts";
import { publicAddresses } from "../../../stacks/publicAddresses.ts";
import { vmName } from "../../../stacks/unlabelled.ts";
import { imageOrigin } from "../../../toolchain/baseImage.ts";
import { errorTail, run } from "../../../toolchain/run.ts";
import { LabError } from "../../cli/errors.ts";
import { SETTINGS_FACTS } from "../../host/engineSettings.ts";
import { type Facts, HOST_FACTS, IMAGE_FACTS, readFacts, shellScript } from "../../host/facts.ts";
import { FIREWALL_FACTS } from "../../host/firewall/read.ts";
import { expectedMachines, MACHINE_FACTS, parseMachines } from "../../host/machines.ts";
import { requireSettings } from "../../state/environments.ts";
import { readSettingsFile } from "../../state/settingsFile.ts";
import { lookAtAddresses } from "./addresses.ts";
import { judgeSize, lookBetween } from "./between.ts";
import { judgeEngine } from "./engine.ts";
import { judgeBuilds, judgeSettings } from "./engineSettings.ts";
import { type Finding, fixedBy, found, HERE, type Judgement } from "./finding.ts";
import { judgeFirewall } from "./firewall.ts";
import { type Host, lookAtHost, overlaysOf } from "./host.ts";
import { labsHere, labsOfUser, labsOn, needEngine, onVms } from "./needs.ts";
import { checkSettings, wrong } from "./settings.ts";
import { OTHER_ENGINE, readDeployment } from "./state.ts";
import { judgeProxies, judgeRoot, judgeSystem } from "./system.ts";
import { judgeMachines, judgeVms, VM_FACTS } from "./vms.ts";

const TIMEOUT_MS = 20_000;

/**
 * Checks whether an environment can come up on its hosts, and changes nothing. The variables in `env` are passed to Pulumi,
 * which reads the settings and the existing resources.
 */
export async function runDoctor(environment: string, env: NodeJS.ProcessEnv = {}): Promise<Finding[]> {
  const file = readSettingsFile(environment);
  if (file && file.problems.length > 0) return found("settings", [wrong(file.problems.join("\n"))]);
  const state = await readDeployment(environment, env);
  if (!state.settings) requireSettings(environment);
  const checked = checkSettings(environment, state.settings ?? file?.values ?? {});
  const pulumi = found("pulumi", state.judgements);
  if ("wrong" in checked) return [...found("settings", [checked.wrong]), ...pulumi];
  // Of another engine nothing else is worth a look.
  if (state.judgements.some(({ id }) => id === OTHER_ENGINE)) return pulumi;
  const { config } = checked;
  const own = config.hosts.length > 0;
  const hosts = own ? ownHosts(config) : practiceNodes(config, state.hosts);
  const [here, addresses, there] = await Promise.all([
    lookHere(config, onVms(config) ? hosts.map(({ name }) => name) : []),
    lookAtAddresses(config),
    lookThere(config, hosts, Object.keys(state.hosts).length > 0),
  ]);
  const size = own ? config.hosts.length : config.nodes.count;
  return [
    ...pulumi,
    ...found(HERE, [...here, ...(answers(here) ? addresses : [unknownAddresses])]),
    ...found("settings", publicAddresses(config).map(asWarning)),
    ...(config.labs.includes("overlay") ? found("settings", [judgeSize(size)]) : []),
    ...(own || onVms(config) ? there : fixedBy(there, `npx pulumi up -s ${environment} --refresh recreates it`)),
  ];
}

const asWarning = (what: string): Judgement => ({ id: "public", level: "warning", what });

/** Whether nothing says that the engine does not answer. */
const answers = (here: readonly Judgement[]): boolean =>
  !here.some(({ id, level }) => id === "engine" && level === "problem");

/** An engine that does not answer does not tell either whose networks and ports are the environment's own. */
const unknownAddresses: Judgement = {
  id: "addresses",
  level: "skipped",
  what: "addresses and ports could not be checked: the engine does not answer",
};

/** `vms` are the hosts that are there already and are virtual machines. */
async function lookHere(config: Config, vms: readonly string[]): Promise<Judgement[]> {
  const labs = labsHere(config);
  const looks = [
    ...[HOST_FACTS, IMAGE_FACTS, FIREWALL_FACTS, SETTINGS_FACTS],
    ...(onVms(config) ? [VM_FACTS, MACHINE_FACTS] : []),
  ];
  const input = shellScript(looks);
  const printed = await run("sh", ["-s"], { timeoutMs: TIMEOUT_MS, input }).catch((error) => {
    throw new LabError(`this host could not be looked at: ${errorTail(error, 1)}`);
  });
  const facts = readFacts(printed);
  // An engine on another host has that one's kernel, rules and disk.
  const local = /^unix:|^$/.test(process.env.DOCKER_HOST ?? "");
  if (!local) {
    const what = `kernel, firewall and disk not checked: the engine is on another host (${process.env.DOCKER_HOST})`;
    return [...judgeEngine(facts, labs), ...judgeProxies(facts), { id: "system", level: "skipped", what }];
  }
  const engine = needEngine(labs);
  return [
    ...judgeEngine(facts, labs),
    ...(engine ? await judgeRegistry() : []),
    ...judgeSettings(facts, labs),
    ...judgeBuilds(facts, labs, config),
    ...judgeRoot(facts, labsOfUser(config)),
    ...judgeSystem(facts, labs),
    ...(onVms(config) ? judgeVms(facts, config.nodes.count) : []),
    ...judgeMachines(machinesNow(config, vms, facts), config.identity.stack),
    ...(engine ? judgeFirewall(facts) : []),
    ...judgeProxies(facts),
  ];
}

const machinesNow = ({ identity }: Config, hosts: readonly string[], facts: Facts) =>
  hosts.length === 0
    ? []
    : expectedMachines(
        new Map(hosts.map((host) => [host, vmName(identity, host)])),
        ownerOf(identity),
        parseMachines(facts),
      );

/** Whether images are available where DOCKERNET_IMAGES is not set: Pulumi pulls them from a registry then. */
async function judgeRegistry(): Promise<Judgement[]> {
  const id = "images";
  if (process.env.DOCKERNET_IMAGES) return [];
  if ((await imageOrigin()) === "official") return [{ id, level: "ok", what: "the image registry answers" }];
  const what = "no image registry answers, and DOCKERNET_IMAGES is not set";
  const why = "images would be asked for at Docker Hub";
  return [{ id, level: "problem", what, why, fix: "npm run setup, which builds them from Debian packages" }];
}

async function lookThere(config: Config, hosts: readonly Host[], up: boolean): Promise<Finding[]> {
  const looked = await Promise.all(hosts.map((host) => lookAtHost(config, host, up)));
  const overlay = looked.filter(({ host }) => overlaysOf(host.labs).length > 0);
  return [...looked.flatMap(({ findings }) => findings), ...(await lookBetween(overlay, config.nodes.lab))];
}

/** The user's hosts that a lab is on. One that is gone is not dialled. */
const ownHosts = (config: Config): Host[] =>
  config.hosts
    .map((host) => {
      const { name, address, gone } = host;
      return { name, address, access: accessToOwn(host), labs: gone ? [] : labsOn(config, name) };
    })
    .filter(({ labs }) => labs.length > 0);

/** The practice nodes that are there already. */
const practiceNodes = (config: Config, hosts: Readonly<Record<string, HostAccess>>): Host[] =>
  nodeNames(config.nodes.count).flatMap((name) => {
    const access = hosts[name];
    return access ? [{ name, address: access.address, access, labs: labsOn(config, name) }] : [];
  });
