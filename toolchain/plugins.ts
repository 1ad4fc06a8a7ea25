import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, goProgramNamed, isBuilt } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { presentCli } from "./cli.ts";
import { accountHome } from "./home.ts";
import { answers } from "./network.ts";
import { attempt, errorTail, run } from "./run.ts";
import { SetupError, type Step, say } from "./step.ts";
import { VERSIONS } from "./versions.ts";

const PLUGINS = [
  { name: "docker", version: VERSIONS.docker },
  { name: "command", version: VERSIONS.command },
] as const;
/** The site from which the CLI downloads these providers. */
const DOWNLOADS = "https://api.pulumi.com/";

/** The user's Pulumi home, even if this process runs with one of the project's. */
function userHome(): string {
  const home = process.env.PULUMI_HOME;
  return home && !home.startsWith(cacheFolder("pulumi-home")) ? home : join(accountHome(), ".pulumi");
}

const folderOf = (home: string, { name, version }: (typeof PLUGINS)[number]) =>
  join(home, "plugins", `resource-${name}-v${version}`);

const holdsAll = (home: string) => PLUGINS.every((plugin) => existsSync(folderOf(home, plugin)));

/**
 * A separate Pulumi home for source-built providers, so that they are never used as official ones in the user's home.
 */
function builtHome(): string | undefined {
  const paths = PLUGINS.map(({ name }) => isBuilt(goProgramNamed(name)));
  if (paths.some((path) => path === undefined)) return undefined;
  return cacheFolder("pulumi-home", createHash("sha256").update(paths.join("\n")).digest("hex").slice(0, 12));
}

/** The Pulumi home whose providers the project uses: the user's own, or the one with the source-built providers. */
export function pulumiHome(): { home: string; built: boolean } | undefined {
  if (holdsAll(userHome())) return { home: userHome(), built: false };
  const home = builtHome();
  return home && holdsAll(home) ? { home, built: true } : undefined;
}

/** The docker and command providers. */
export const plugins: Step = {
  name: "providers",
  async look() {
    const names = PLUGINS.map(({ name, version }) => `${name} ${version}`).join(", ");
    const present = pulumiHome();
    if (present) return { there: `${names} (${present.built ? "source" : "official"}, in ${present.home})` };
    return (await answers(DOWNLOADS))
      ? { missing: `the Pulumi providers ${names} (official download)`, install: () => download(names) }
      : { missing: `the Pulumi providers ${names} (built from source)`, install: () => make(names) };
  },
};

async function download(names: string): Promise<string> {
  const pulumi = await requireCli();
  for (const { name, version } of PLUGINS) {
    const install = ["plugin", "install", "resource", name, `v${version}`];
    await run(pulumi, install, { env: { PULUMI_HOME: userHome() } }).catch((error) => {
      throw new SetupError(`could not download the Pulumi provider ${name} ${version}:\n${errorTail(error)}`);
    });
  }
  return names;
}

async function make(names: string): Promise<string> {
  for (const { name } of PLUGINS) await build(goProgramNamed(name), { log: say });
  const pulumi = await requireCli();
  const home = builtHome();
  if (!home) throw new SetupError("a built provider is missing from the cache");
  for (const { name, version } of PLUGINS) {
    const file = isBuilt(goProgramNamed(name)) ?? "";
    const install = ["plugin", "install", "resource", name, `v${version}`, "--file", file, "--reinstall"];
    const env = { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
    await run(pulumi, install, { env }).catch((error) => {
      throw new SetupError(`could not install the built provider ${name} ${version}:\n${errorTail(error)}`);
    });
  }
  return `${names} from source`;
}

async function requireCli(): Promise<string> {
  const cli = await presentCli();
  if (!cli || !(await attempt(cli.pulumi, ["version"]))) throw new SetupError("no working Pulumi CLI was found");
  return cli.pulumi;
}
