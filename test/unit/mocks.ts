import * as pulumi from "@pulumi/pulumi";

export type Registered = pulumi.runtime.MockResourceArgs;

/** Enables Pulumi's test mode and returns the (live) list of all resources registered since. */
export async function recordResources(identity = { project: "dockernet", stack: "practice" }): Promise<Registered[]> {
  const seen: Registered[] = [];
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
            stdout: `<dockernet:1>\n${printedBy(args.name)}\n</dockernet:1>`,
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
