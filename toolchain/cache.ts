import { homedir } from "node:os";
import { join } from "node:path";

/**
 * A path in the cache of downloads and builds, which all checkouts of this user share: DOCKERNET_CACHE, else the XDG
 * cache folder.
 */
export const cacheFolder = (...names: string[]): string =>
  join(
    process.env.DOCKERNET_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dockernet"),
    ...names,
  );
