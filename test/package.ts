import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";
import { buildPackage, packPackage, type Tarball } from "../toolchain/package/build.ts";
import { run } from "../toolchain/run.ts";

/** Packages that a program needs in addition to dockernet, and dockernet's dependencies. */
const BESIDE = ["@pulumi", "@types", "ip-address"];

/** The npm package, built, packed, and installed in the folder of a program. */
export interface Installed {
  readonly tarball: Tarball;
  /** Folder of the unpacked tarball, in the program's node_modules. */
  readonly unpacked: string;
  /** Folder for programs: `dockernet` and its peers can be imported there. */
  readonly program: string;
}

/**
 * Builds and packs the package, and unpacks the tarball as npm would. The other packages are links to this project's,
 * so that nothing is downloaded.
 */
export async function installPackage(scratch: string): Promise<Installed> {
  const [built, program] = [join(scratch, "built", "dockernet"), join(scratch, "program")];
  const unpacked = join(program, "node_modules", "dockernet");
  await buildPackage(built);
  const tarball = await packPackage(built);
  mkdirSync(unpacked, { recursive: true });
  await run("tar", ["-xzf", tarball.path, "-C", unpacked, "--strip-components=1"]);
  for (const name of BESIDE) symlinkSync(join(PROJECT, "node_modules", name), join(program, "node_modules", name));
  return { tarball, unpacked, program };
}
