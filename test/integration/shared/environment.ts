import { type Environment, makeEnvironment } from "../environment.ts";

export const LABS = ["namespaces", "bridge", "links", "ports", "isolation", "counter"];

let made: Environment | undefined;
let up: Promise<Environment> | undefined;

/**
 * The environment that the test files of this folder share, with all single-host labs. The first file that runs brings
 * it up; each leaves it as it was.
 */
export function sharedEnvironment(): Promise<Environment> {
  up ??= makeEnvironment({ labs: LABS }).then(async (environment) => {
    made = environment;
    await environment.stack.up();
    return environment;
  });
  return up;
}

after(async function () {
  this.timeout(180_000);
  await made?.remove();
});
