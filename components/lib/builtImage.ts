import { contentHash } from "./contentHash.ts";

/** An image that the engine builds from a folder. */
export interface BuiltImage {
  /** Name of the image without a tag, for example `dockernet/web`. The tag is a hash of the folder and the base. */
  readonly repository: string;
  /**
   * Path of the build context, absolute or relative to the folder of Pulumi.yaml. Its `Dockerfile` gets the base image
   * in the build argument `BASE`.
   */
  readonly context: string;
  /** Reference of the base image. */
  readonly base: string;
  /**
   * Debian's release by its code name, for example `trixie`, if the image is to have another one than its base. The
   * `Dockerfile` gets it in the build argument `RELEASE` and upgrades the base to it; of the packaged images only `node` does.
   * @default - the base's own
   */
  readonly release?: string;
}

/** The tag of a built image. */
export const tagOf = ({ context, base, release = "" }: BuiltImage): string => contentHash(context, `${base}${release}`);
