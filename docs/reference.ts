import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";
import { main } from "../toolchain/main.ts";
import { buildPackage, PACKAGE } from "../toolchain/package/build.ts";
import { publicApi } from "./api.ts";
import { schemaText } from "./providerSchema.ts";
import { referencePages } from "./referencePages.ts";

/** Writes the files of docs/reference/ and the provider's schema from the sources of the npm package: `npm run reference`. */
await main(async () => {
  await buildPackage(PACKAGE);
  const folder = join(PROJECT, "docs", "reference");
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  const api = publicApi(PACKAGE);
  for (const [file, text] of Object.entries(referencePages(api))) writeFileSync(join(folder, file), text);
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  writeFileSync(join(PROJECT, "components", "provider", "schema.json"), schemaText(api, manifest));
  return 0;
});
