import { ownerOf } from "../../../components/lib/identity.ts";
import { hostId } from "../../../components/lib/nodeId.ts";
import { errorTail } from "../../../toolchain/run.ts";
import { LabError } from "../../cli/errors.ts";
import { type Facts, readFacts, shellScript } from "../../host/facts.ts";
import { runOverSsh } from "../../host/overSsh.ts";
import { hostSessions } from "../../host/sessions.ts";
import { managersOf } from "../../host/swarm.ts";
import { identityOf } from "../../state/environments.ts";
import { type Outputs, readOutputs } from "../../state/outputs.ts";
import { pulumi } from "../../state/pulumi.ts";
import { rerun } from "../../state/rerun.ts";
import { type Resource, readExport, scriptNameOf } from "../../state/stackExport.ts";
import type { LostMajority, SwarmLosses } from "./losses.ts";
import type { Step } from "./step.ts";

const NODE = new URL("../../../components/swarm-cluster/node.sh", import.meta.url);
/** Time limit of a verb of that script on a host of usual speed. */
const NODE_MS = 240_000;
const LEAVE_MS = 60_000;

/** The steps after which Pulumi can give each node of a swarm its place again. */
export function lossSteps(environment: string, losses: SwarmLosses | undefined): Step[] {
  if (!losses) return [];
  const { majority, off, first, left, excluded } = losses;
  const rejoining = [...left, ...(majority?.others ?? [])];
  return [
    ...(majority ? [aloneStep(environment, majority)] : []),
    ...(off.length === 0
      ? []
      : [
          {
            found: `practice nodes that do not run: ${off.join(", ")}`,
            does: "npx pulumi up --target starts them again, with their data if that is left",
            act: () => recreate(environment, off),
          },
        ]),
    ...(excluded.length === 0
      ? []
      : [
          {
            found: `engines with the data of a node that the managers do not list, or that is damaged: ${excluded.join(", ")}`,
            does: "docker swarm leave --force there, since the others have a quorum and keep everything",
            act: () => leave(environment, excluded),
          },
        ]),
    ...(first === undefined
      ? []
      : [
          {
            found: `${first}, which lets the other nodes into the swarm, is in none itself`,
            does: `${first} joins the swarm again through another manager`,
            act: () => rejoin(environment, first),
          },
        ]),
    ...(rejoining.length === 0
      ? []
      : [
          {
            found: `nodes whose engines are not in the swarm any more: ${rejoining.join(", ")}`,
            does: "npx pulumi up runs their scripts again, by which they join with the token of now",
            act: () => joinAgain(environment, rejoining),
          },
        ]),
  ];
}

const aloneStep = (environment: string, majority: LostMajority): Step => ({
  found: `no quorum of managers: ${majority.lost.join(", ")} lost their data, so there is no majority again`,
  does:
    `copies the managers' data on ${majority.survivor}, then docker swarm init --force-new-cluster there makes it the only manager; ` +
    "services and networks are kept, and the others join again",
  act: () => goOnAlone(environment, majority),
});

async function goOnAlone(environment: string, { survivor, others }: LostMajority): Promise<void> {
  const outputs = await readOutputs(environment);
  const copy = (await onNode(outputs, survivor, "go_alone")).get("copy");
  console.log(`${survivor} is the only manager of the swarm; the data of before is in ${copy} there`);
  // They know only the managers of before.
  await leave(environment, others);
}

async function leave(environment: string, names: readonly string[]): Promise<void> {
  const sessions = hostSessions((await readOutputs(environment)).hosts);
  for (const name of names) await sessions(name).run(["docker", "swarm", "leave", "--force"], LEAVE_MS);
}

async function recreate(environment: string, names: readonly string[]): Promise<void> {
  const { resources } = await readExport(environment);
  const targets = resources.filter(({ urn }) => urn.includes("PracticeNodes$")).flatMap(({ urn }) => ["--target", urn]);
  if ((await pulumi(environment, ["up", "--refresh", ...targets])) === 0) return;
  throw new LabError(
    `${names.join(", ")} could not be recreated; fix the errors above, then npx lab recover ${environment}`,
  );
}

/** The token, with which it joins as a manager, is never in an argument. */
async function rejoin(environment: string, first: string): Promise<void> {
  const outputs = await readOutputs(environment);
  const sessions = hostSessions(outputs.hosts);
  const others = outputs.checks.flatMap((check) => (check.kind === "swarmNodes" ? managersOf(check) : []));
  for (const through of others.filter((name) => name !== first)) {
    const TOKEN = await sessions(through).attempt(["docker", "swarm", "join-token", "--quiet", "manager"]);
    if (TOKEN === undefined) continue;
    await onNode(outputs, first, "rejoin", {
      TOKEN,
      JOIN: lanAddress(outputs, through),
      OWNER: ownerOf(identityOf(environment)),
    });
    await joinAgain(environment, []);
    return;
  }
  throw new LabError(`no manager lets ${first} into the swarm; start the others, then npx lab recover ${environment}`);
}

/** The script of the first manager prints its id and the token with which the others join: both may be other ones than before. */
async function joinAgain(environment: string, names: readonly string[]): Promise<void> {
  const outputs = await readOutputs(environment);
  const { resources } = await readExport(environment);
  const first = outputs.checks.flatMap((check) => (check.kind === "swarmNodes" ? check.on : []));
  await rerun(
    environment,
    [...new Set([...first, ...names])].flatMap((name) => nodeScriptOf(name, resources)?.urn ?? []),
  );
}

/** The script that makes a host a node of the swarm, in a state. */
const nodeScriptOf = (name: string, resources: readonly Resource[]): Resource | undefined =>
  resources.find((each) => each.urn.includes("SwarmCluster$command:") && scriptNameOf(each) === `swarm-${name}`);

/** The address at which other hosts reach a host. */
const lanAddress = ({ topology }: Outputs, name: string): string =>
  topology.nodes.find(({ id }) => id === hostId(name))?.facts.address ?? "";

/** Runs a verb of the script of a swarm's node. */
async function onNode(
  outputs: Outputs,
  name: string,
  verb: "go_alone" | "rejoin",
  variables: Readonly<Record<string, string>> = {},
): Promise<Facts> {
  const access = outputs.hosts[name];
  if (!access) throw new LabError(`there is no host ${name} in this environment`);
  const address = lanAddress(outputs, name);
  const all = { ADDRESS: address, DATA_ADDRESS: address, ...variables };
  const { slowness = 1 } = access;
  const script = shellScript([{ script: NODE, variables: all, call: `set -e\n${verb}` }], slowness);
  const printed = await runOverSsh(access, script, { timeoutMs: NODE_MS * slowness }).catch((error) => {
    throw new LabError(`${name}: ${errorTail(error, 3)}`);
  });
  return readFacts(printed);
}
