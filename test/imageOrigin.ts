import type { ImageOrigin } from "../stacks/images.ts";

/** Where the images of this run come from, as the set-up has found it. */
export const imagesFrom = (): ImageOrigin => (process.env.DOCKERNET_IMAGES === "official" ? "official" : "debian");
