import { fileURLToPath } from "node:url";
import type { BuiltImage } from "./lib/builtImage.ts";

/** Debian's official image, by tag and digest: the base of the images that only this project has. */
export const DEBIAN = "debian:bookworm-slim@sha256:96e378d7e6531ac9a15ad505478fcc2e69f371b10f5cdf87857c4b8188404716";

/** An image whose build context is in this package: for `HitCounter`, `OutsideHost` and `PracticeNode`, in this order. */
export type PackagedImage = "web" | "box" | "node";

/**
 * The source of an image that no registry serves, for {@link ServiceImage}. Its context is an absolute path; if a state
 * is used in checkouts at different paths, replace it with one relative to Pulumi.yaml, because a new path rebuilds the
 * image. `base` is the reference of a Debian 12 image.
 */
export const packagedImage = (image: PackagedImage, base: string = DEBIAN): BuiltImage => ({
  repository: `dockernet/${image}`,
  context: fileURLToPath(new URL(`../images/${image}`, import.meta.url)),
  base,
});
