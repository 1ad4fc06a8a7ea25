import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";
import { main } from "../toolchain/main.ts";
import { buildPackage, PACKAGE } from "../toolchain/package/build.ts";
import { publicApi } from "./api.ts";
import { referencePages } from "./referencePages.ts";

/** Writes the files of docs/reference/ from the sources of the npm package: `npm run reference`. */
await main(async () => {
  await buildPackage(PACKAGE);
  const folder = join(PROJECT, "docs", "reference");
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  for (const [file, text] of Object.entries(referencePages(publicApi(PACKAGE))))
    writeFileSync(join(folder, file), text);
  return 0;
});
