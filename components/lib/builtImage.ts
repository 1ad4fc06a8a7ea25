import { contentHash } from "./contentHash.ts";

/** An image that the engine builds from a folder of this project. */
export interface BuiltImage {
  /** Name of the image without a tag, for example `dockernet/web`. The tag is a hash of what it is built from. */
  readonly repository: string;
  /**
   * Path of the build context, absolute or from the folder of Pulumi.yaml; its `Dockerfile` takes the base image as the build
   * argument `BASE`.
   */
  readonly context: string;
  /** Reference of the base image. */
  readonly base: string;
}

/** The tag of a built image. */
export const tagOf = ({ context, base }: BuiltImage): string => contentHash(context, base);
