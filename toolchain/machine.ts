import { debianBase, imageOrigin } from "./baseImage.ts";
import { cli, presentCli } from "./cli.ts";
import { engine } from "./engine.ts";
import { enter, requireOwn, settle } from "./environment.ts";
import { plugins, pulumiHome } from "./plugins.ts";
import { bring, SetupError } from "./step.ts";
import { type Tool, tools } from "./tools.ts";

/**
 * Installs everything that the project needs and this machine lacks, and sets this process's environment so that
 * `pulumi` and `docker` use it.
 */
export async function setUp(extraTools: readonly Tool[] = []): Promise<void> {
  requireOwn();
  const images = await imageOrigin();
  const fromDebian = images === "debian";
  const wanted: Tool[] = ["ping", "ip", "ssh", ...(fromDebian ? (["mmdebstrap"] as const) : []), ...extraTools];
  await bring([
    // In parallel: packages and images wait for the network, builds for the CPU.
    [tools(wanted), engine, ...(fromDebian ? [debianBase] : [])],
    [cli, plugins],
  ]);

  const [found, home] = [await presentCli(), pulumiHome()];
  if (!found || !home) throw new SetupError("the Pulumi CLI or its providers are missing after the set-up");
  settle({ cli: found, plugins: home, images });
  await enter();
}
