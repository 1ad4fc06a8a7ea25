import * as pulumi from "@pulumi/pulumi";

export type Registered = pulumi.runtime.MockResourceArgs;

/** Puts Pulumi in test mode and returns the (live) list of every resource registered since. */
export async function recordResources(identity = { project: "dockernet", stack: "practice" }): Promise<Registered[]> {
  const seen: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        seen.push(args);
        return {
          id: `${args.name}-id`,
          state: { ...args.inputs, imageId: `sha256:${args.name}`, stdout: "key\nssh-ed25519 AAAA" },
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

/** The settled value of an output. */
export const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((value) => resolve(value as T)));

/** The inputs of the resource of this name and type; fails the test when there is none, or more than one. */
export function inputsOf(seen: readonly Registered[], type: string, name: string): Record<string, unknown> {
  const found = seen.filter((resource) => resource.type === type && resource.name === name);
  if (found.length !== 1) throw new Error(`expected one ${type} named ${name}, found ${found.length}`);
  return found[0]?.inputs ?? {};
}

/** Everything that a program registers: it is done when nothing was added for as long as a few turns of the loop. */
export async function settled(seen: readonly Registered[]): Promise<void> {
  for (let count = -1; count !== seen.length; ) {
    count = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
