import { chmodSync, copyFileSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { OWN, PROJECT } from "../environment.ts";
import { errorTail, run } from "../run.ts";
import { SetupError } from "../step.ts";

/** Folder of the built package; the tarball is in its parent folder. */
export const PACKAGE = join(OWN, "package", "dockernet");
const SOURCES = join(PROJECT, "components");
/** Schema of the provider for other languages. */
const SCHEMA = join("provider", "schema.json");
/** Images whose build contexts are in the package, because no registry serves them (components/packagedImage.ts). */
const IMAGES = ["box", "node", "web"];

/**
 * Builds the npm package of components/ into a folder, replacing its content. The manifest in components/ is private,
 * so that only the built package can be published.
 */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run("tsc", ["--project", SOURCES, "--outDir", join(folder, "dist")]).catch((error) => {
    throw new SetupError(`could not compile the npm package:\n${errorTail(error)}`);
  });

  const modules = globSync("**/*.js", { cwd: join(folder, "dist") }).map((file) => file.replace(/\.js$/, ""));
  for (const module of modules) adopt(folder, module);
  for (const inside of new Set(modules.map(dirname))) {
    for (const script of globSync("*.sh", { cwd: join(SOURCES, inside) })) {
      copyFileSync(join(SOURCES, inside, script), join(folder, "dist", inside, script));
    }
  }
  copyFileSync(join(SOURCES, SCHEMA), join(folder, "dist", SCHEMA));
  chmodSync(join(folder, "dist", "provider", "main.js"), 0o755);
  for (const image of IMAGES)
    cpSync(join(PROJECT, "images", image), join(folder, "images", image), { recursive: true });
  for (const page of ["README.md", "CHANGELOG.md"]) copyFileSync(join(SOURCES, page), join(folder, page));
  copyFileSync(join(PROJECT, "LICENSE"), join(folder, "LICENSE"));
  const { private: _, ...manifest } = JSON.parse(readFileSync(join(SOURCES, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Completes a compiled module: copies its source, for the source maps. */
function adopt(folder: string, module: string): void {
  const [source, compiled] = [join(folder, "src", `${module}.ts`), join(folder, "dist", module)];
  mkdirSync(dirname(source), { recursive: true });
  copyFileSync(join(SOURCES, `${module}.ts`), source);
  for (const kind of [".js", ".d.ts"]) {
    const map = `${compiled}${kind}.map`;
    const text = JSON.parse(readFileSync(map, "utf8"));
    writeFileSync(map, JSON.stringify({ ...text, sources: [relative(dirname(compiled), source)] }));
  }
  // The compiler rewrites these imports in JavaScript only, and compilers before 5.0 refuse them.
  const declarations = readFileSync(`${compiled}.d.ts`, "utf8");
  writeFileSync(`${compiled}.d.ts`, declarations.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
}

/** Output of `npm pack`: the tarball, its size in bytes, and its files. */
export interface Tarball {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Packs a built package into its parent folder. */
export async function packPackage(folder: string): Promise<Tarball> {
  const into = dirname(folder);
  const [packed] = JSON.parse(await run("npm", ["pack", folder, "--json", "--pack-destination", into]));
  return { ...packed, path: join(into, basename(packed.filename)) };
}
