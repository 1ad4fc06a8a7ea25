import { debianBase, imageOrigin } from "./baseImage.ts";
import { cli, presentCli } from "./cli.ts";
import { engine } from "./engine.ts";
import { enter, requireOwn, settle } from "./environment.ts";
import { plugins, pulumiHome } from "./plugins.ts";
import { bring, SetupError } from "./step.ts";
import { type Tool, tools } from "./tools.ts";

/**
 * Brings everything that the project needs on this machine and is not there, and sets this process's environment so
 * that `pulumi` and `docker` use it.
 */
export async function setUp(extraTools: readonly Tool[] = []): Promise<void> {
  requireOwn();
  const images = await imageOrigin();
  const fromDebian = images === "debian";
  const wanted: Tool[] = ["ping", "ip", "ssh", ...(fromDebian ? (["mmdebstrap"] as const) : []), ...extraTools];
  await bring([
    // Packages and images wait for the network, builds for the processor.
    [tools(wanted), engine, ...(fromDebian ? [debianBase] : [])],
    [cli, plugins],
  ]);

  const [found, home] = [await presentCli(), pulumiHome()];
  if (!found || !home) throw new SetupError("the Pulumi CLI or its providers are not where they should be");
  settle({ cli: found, plugins: home, images });
  await enter();
}
