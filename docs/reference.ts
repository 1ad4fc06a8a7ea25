import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";
import { main } from "../toolchain/main.ts";
import { buildPackage, PACKAGE } from "../toolchain/package/build.ts";
import { apiReport, publicApi } from "./api.ts";

/** Writes the pages of docs/reference/ from the sources of the npm package: `npm run reference`. */
await main(async () => {
  await buildPackage(PACKAGE);
  writeFileSync(join(PROJECT, "docs", "reference", "api.txt"), apiReport(publicApi(PACKAGE)));
  return 0;
});
