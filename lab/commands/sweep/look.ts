import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { userKeyFile } from "../../../stacks/unlabelled.ts";
import { PROJECT, PROJECT_NAME } from "../../../toolchain/environment.ts";
import { errorTail } from "../../../toolchain/run.ts";
import { SERVICE_LABEL } from "../../host/containers.ts";
import { shellScript } from "../../host/facts.ts";
import { readNetworks } from "../../host/networks.ts";
import { readJson } from "../../host/readJson.ts";
import type { HostSession } from "../../host/session.ts";
import { inspected } from "../../host/sessions.ts";
import { identityOf } from "../../state/environments.ts";
import { markOf, SWEPT_KINDS, type SweptObject } from "./ours.ts";
import { SCRIPTS } from "./scripts.ts";

/** The kinds whose scripts find their objects on a host; key files are in this checkout. */
const FOUND_BY_SCRIPT = [
  "virtual machine",
  "namespace",
  "interface",
  "etcd member",
  "cluster store",
  "swarm node",
] as const;
/** Prints lines of owned.sh. The last line keeps spaces at the end of a mark, which make it another mark, from being trimmed. */
const FIND = `${shellScript(FOUND_BY_SCRIPT.map((kind) => ({ script: SCRIPTS[kind], call: "owned" })))}echo end\n`;
const KEYS = join(PROJECT, ".dockernet", "keys");
/** How long one question may take: with many containers, or on a host that is busy, longer than a probe's. */
const TIMEOUT_MS = 60_000;
const OURS = ["--filter", `label=dockernet.project=${PROJECT_NAME}`];

/** What a look at a host came to. */
export interface HostSearch {
  readonly found: readonly SweptObject[];
  /** What could not be seen, and why. */
  readonly unseen: readonly string[];
}

/**
 * Lists everything on a host that may be this project's; changes nothing. Throws when its engine does not answer. On a
 * host, which may have lost its engine and still have units and data, the engine is only reported.
 */
export async function searchHost(session: HostSession, host: string | undefined): Promise<HostSearch> {
  const docker = dockerObjects(session, host).then(
    (found): HostSearch => ({ found, unseen: [] }),
    (error): HostSearch => {
      if (host === undefined) throw error;
      return { found: [], unseen: [errorTail(error, 1)] };
    },
  );
  const looks = await Promise.all([docker, marked(session, host)]);
  return { found: looks.flatMap(({ found }) => found), unseen: looks.flatMap(({ unseen }) => unseen) };
}

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

const Volumes = z.array(z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullable() }));

async function dockerObjects(session: HostSession, host: string | undefined): Promise<SweptObject[]> {
  const inspect = async (kind: "network" | "volume") => {
    const ids = lines(await session.run(["docker", kind, "ls", "--quiet", ...OURS], TIMEOUT_MS));
    return inspected("the host", session.run, kind, ids);
  };
  const containers = [...(await session.containers()).values()];
  // By id and not by name, which an engine gives to two networks without a word.
  const networks = readNetworks(await inspect("network"));
  const volumes = readJson(Volumes, await inspect("volume"), "docker volume inspect");
  return [
    // Those of tasks go with their service, and come back while it is there.
    ...containers
      .filter(({ labels }) => labels[SERVICE_LABEL] === undefined)
      .map(({ id, name, labels }): SweptObject => ({ kind: "container", id, name, labels, host })),
    ...networks.map(({ id, name, labels }): SweptObject => {
      const users = containers.filter(({ addresses }) => Object.hasOwn(addresses, name));
      return { kind: "network", id, name, labels, host, users };
    }),
    ...(await Promise.all(
      volumes.map(async ({ Name: name, Labels }): Promise<SweptObject> => {
        const filter = ["--all", "--quiet", "--no-trunc", "--filter", `volume=${name}`];
        const ids = lines(await session.run(["docker", "ps", ...filter], TIMEOUT_MS));
        const users = containers.filter(({ id }) => ids.includes(id));
        return { kind: "volume", id: name, name, labels: Labels ?? {}, host, users };
      }),
    )),
  ];
}

async function marked(session: HostSession, host: string | undefined): Promise<HostSearch> {
  const rows = lines(await session.run(["sh", "-c", FIND], TIMEOUT_MS)).map((line) => line.split("\t"));
  const hidden = rows.filter(([kind]) => kind === "hidden");
  const found = rows.flatMap(([text, name = "", mark]): SweptObject[] => {
    const kind = SWEPT_KINDS.find((each) => each === text);
    return kind && mark !== undefined ? [{ kind, name, id: name, mark, host }] : [];
  });
  return { found, unseen: hidden.map(([, what, who]) => `${what}, which only root can look into (this is ${who})`) };
}

/** The keys in files of this checkout, by environment. */
export function keyFiles(): SweptObject[] {
  if (!existsSync(KEYS)) return [];
  return readdirSync(KEYS).flatMap((stack): SweptObject[] => {
    const name = join(PROJECT, userKeyFile(identityOf(stack)));
    return existsSync(name) || existsSync(`${name}.new`)
      ? [{ kind: "key file", name, id: name, mark: markOf(stack), host: undefined }]
      : [];
  });
}
