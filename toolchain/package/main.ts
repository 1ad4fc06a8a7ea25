import { main } from "../main.ts";
import { buildPackage, PACKAGE, packPackage } from "./build.ts";

/** Builds and packs the npm package: `npm run build`. */
await main(async () => {
  await buildPackage(PACKAGE);
  const { path, size, files } = await packPackage(PACKAGE);
  console.log(`${path}: ${files.length} files, ${Math.ceil(size / 1000)} kB`);
  return 0;
});
