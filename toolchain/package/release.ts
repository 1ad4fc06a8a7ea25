import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT } from "../environment.ts";
import { main } from "../main.ts";
import { run, stream } from "../run.ts";
import { SetupError } from "../step.ts";
import { buildPackage, PACKAGE, packPackage } from "./build.ts";
import { openSteps } from "./readiness.ts";

const TESTS = ["test/unit/package.test.ts", "test/unit/provider.test.ts"];

/**
 * Builds, packs and tests the npm package, and prints what would be published: `npm run release -- --dry-run`. It never
 * publishes (docs/decisions/package.md).
 */
await main(async () => {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
  if (!values["dry-run"]) {
    throw new SetupError(
      "npm run release publishes nothing; run npm run release -- --dry-run, then npm publish with the tarball it names",
    );
  }
  process.chdir(PROJECT);
  await buildPackage(PACKAGE);
  const tarball = await packPackage(PACKAGE);
  const code = await stream("mocha", TESTS, {});
  if (code !== 0) throw new SetupError(`the tests of the npm package failed (${TESTS.join(", ")}), and say above why`);

  const { name, version, path, size, unpackedSize, files } = tarball;
  const groupOf = (file: string) => file.replace(/\/.*/, "/");
  const kB = (bytes: number) => `${Math.ceil(bytes / 1000)} kB`;
  const place = relative(PROJECT, path);
  console.log(`Package:   ${name} ${version}`);
  console.log(`Tarball:   ${place}, ${kB(size)}, unpacked ${kB(unpackedSize)}, ${files.length} files`);
  for (const group of new Set(files.map((file) => groupOf(file.path)))) {
    const members = files.filter((file) => groupOf(file.path) === group);
    const bytes = members.reduce((total, member) => total + member.size, 0);
    const count = members.length > 1 ? `, ${members.length} files` : "";
    console.log(`           ${group.padEnd(14)} ${kB(bytes).padStart(7)}${count}`);
  }
  const open = openSteps({
    version,
    changes: await run("git", ["status", "--porcelain"]),
    tags: (await run("git", ["tag", "--points-at", "HEAD"])).split("\n"),
    changelog: readFileSync(join(PROJECT, "components", "CHANGELOG.md"), "utf8"),
  });
  for (const step of open) console.log(`To do:     ${step}`);
  console.log(
    `Dry run:   nothing was published. ${open.length > 0 ? "After these steps" : "To publish"}: npm publish ${place}`,
  );
  return 0;
});
