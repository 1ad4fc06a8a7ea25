import { defaultSubnet } from "../../components/lib/identity.ts";
import { debianImage } from "../../stacks/images.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { imagesFrom } from "../imageOrigin.ts";

/** Objects of another owner on the host: a container on its own network, and a network namespace. */
export interface Bystanders {
  /** Those that have changed. */
  readonly harmed: () => Promise<string[]>;
  readonly remove: () => Promise<void>;
}

/** Index of the part of an environment's subnets that no lab uses. */
const SHARE = 14;

export async function makeBystanders(environment: string): Promise<Bystanders> {
  const name = `stranger-of-${environment}`;
  const image = debianImage(imagesFrom());
  // Docker's default choice may be a block that a lab needs.
  const subnet = defaultSubnet({ project: "dockernet", stack: environment }, SHARE);
  await run("docker", ["network", "create", "--subnet", subnet, name]);
  await run("docker", ["run", "--detach", "--name", name, "--network", name, image, "sleep", "infinity"]);
  await run("ip", ["netns", "add", name]);
  const look = async () =>
    [
      await attempt("docker", ["network", "inspect", "--format", "network {{.Id}} {{len .Containers}}", name]),
      await attempt("docker", ["inspect", "--format", "container {{.Id}} {{.State.Pid}}", name]),
      await attempt("stat", ["--format", "namespace %i", `/run/netns/${name}`]),
    ].map((found) => found ?? "gone");
  const whole = await look();
  return {
    harmed: async () => {
      const now = await look();
      return whole.flatMap((each, index) => (now[index] === each ? [] : [`a stranger's ${each} is ${now[index]}`]));
    },
    remove: async () => {
      await attempt("docker", ["rm", "--force", name]);
      await attempt("docker", ["network", "rm", name]);
      await attempt("ip", ["netns", "delete", name]);
    },
  };
}
