import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { assignments, readScript, withVerbs } from "../../components/host-script/scriptText.ts";

export type Registered = pulumi.runtime.MockResourceArgs;

/** Enables Pulumi's test mode and returns the (live) list of all resources registered since. */
export async function recordResources(identity = { project: "dockernet", stack: "practice" }): Promise<Registered[]> {
  const seen: Registered[] = [];
  issuedCertificates(); // now, since it takes longer than `settled` waits
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        seen.push(args);
        return {
          id: `${args.name}-id`,
          state: {
            ...args.inputs,
            imageId: `sha256:${args.name}`,
            networkDatas: [{ ipAddress: "172.30.5.2" }],
            stdout: args.name.includes("-certificates")
              ? certificatesFor(String(args.inputs.stdin))
              : `<dockernet:1>\n${printedBy(args.name)}\n</dockernet:1>`,
          },
        };
      },
      call: (args) => {
        throw new Error(`unexpected provider call ${args.token}`);
      },
    },
    identity.project,
    identity.stack,
  );
  return seen;
}

const CERTIFICATES = new URL("../../components/etcd-cluster/certificates.sh", import.meta.url);
let issued: string | undefined;

/** What the script prints that makes certificates, for a member NAME. Components compare them with their keys. */
export function issuedCertificates(): string {
  const variables = { MEMBERS: "NAME 127.0.0.1", ROTATION: "", DAYS: "1", TOKEN: "t" };
  const input = `${assignments(variables)}\n${withVerbs(readScript(CERTIFICATES))}`;
  issued ??= spawnSync("sh", ["-s", "--", "up"], { input, encoding: "utf8" }).stdout;
  return issued;
}

/** As that, for the members of a script. */
function certificatesFor(script: string): string {
  const members = /^MEMBERS='([^']*)'/m.exec(script)?.[1]?.split("\n") ?? [];
  return issuedCertificates().replace(/^member \S+ \S+ (.*)$/m, (_, pair) =>
    members.map((member) => `member ${member} ${pair}`).join("\n"),
  );
}

/** Output of a script, by the name of its step. */
const printedBy = (name: string): string => {
  if (/^swarm-\S*node\d/.test(name)) return "cluster c1\ntoken SWMTKN-1-abc-def\nnode n1";
  return name.includes("-creation") ? "etcd-cluster-0123456789ab" : "key\nssh-ed25519 AAAA";
};

/** The settled value of an output. */
export const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((value) => resolve(value as T)));

/** Inputs of the resource of this name and type; fails the test unless there is exactly one. */
export function inputsOf(seen: readonly Registered[], type: string, name: string): Record<string, unknown> {
  const found = seen.filter((resource) => resource.type === type && resource.name === name);
  if (found.length !== 1) throw new Error(`expected one ${type} named ${name}, found ${found.length}`);
  return found[0]?.inputs ?? {};
}

/** A text among the inputs of a resource, secret or not. */
export const textOf = (input: unknown): string =>
  String(typeof input === "object" && input !== null && "value" in input ? input.value : input);

/** The message with which a component refuses its arguments; fails if it does not, or if scripts were registered before. */
export function refusalOf(seen: readonly Registered[], make: () => unknown): string {
  try {
    make();
  } catch (error) {
    assert.ok(seen.every(({ type }) => !type.startsWith("command:")));
    return (error as Error).message;
  }
  return assert.fail("not refused");
}

/** Waits for all registrations of a program: until none was added for a few turns of the event loop. */
export async function settled(seen: readonly Registered[]): Promise<void> {
  for (let count = -1; count !== seen.length; ) {
    count = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A request to register a resource, with the options that mocks do not get. */
export interface Request {
  readonly getType: () => string;
  readonly getName: () => string;
  readonly getParent: () => string;
  readonly getDependenciesList: () => string[];
  readonly getDeletedwith: () => string;
  readonly getProvider: () => string;
  readonly getReplaceonchangesList: () => string[];
  readonly getReplaceWithList: () => string[];
  readonly getProtect: () => boolean;
  readonly getIgnorechangesList: () => string[];
  readonly getAliasesList: () => { readonly getSpec: () => { readonly getName: () => string } | undefined }[];
}

/** The (live) list of requests that reach the mocks from now on. */
export function recordRequests(): Request[] {
  const requests: Request[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource: (request: Request, done: unknown) => unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    requests.push(request);
    return register(request, done);
  };
  return requests;
}
