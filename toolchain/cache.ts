import { homedir } from "node:os";
import { join } from "node:path";

/** Where what is downloaded or built is kept, by its content, for every checkout of this user. */
export const cacheFolder = (...names: string[]): string =>
  join(
    process.env.DOCKERNET_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dockernet"),
    ...names,
  );
