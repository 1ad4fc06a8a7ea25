import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type BuiltImage, tagOf } from "./lib/builtImage.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";

/** An image from a registry. */
export interface RegistryImage {
  /** Reference with tag and digest, for example `redis:7.2-alpine@sha256:…`. */
  readonly reference: pulumi.Input<string>;
}

export interface ServiceImageArgs {
  /** Source of the image. */
  readonly source: RegistryImage | BuiltImage;
}

/**
 * An image on the engine, pulled or built. It stays on the engine when the stack is destroyed, as a cache that
 * environments share; remove it with `docker image rm`.
 *
 * @example
 * ```ts
 * import { packagedImage, ServiceImage } from "dockernet";
 *
 * export const nginx = new ServiceImage("nginx", { source: { reference: "nginx:1.28-alpine" } }).imageId;
 * export const web = new ServiceImage("web", { source: packagedImage("web") }).imageId;
 * ```
 */
export class ServiceImage extends pulumi.ComponentResource {
  /** The image's id, to pass to a container; unlike a tag it never moves. Known once the image is on the engine. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: ServiceImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:ServiceImage", name, {}, componentOptions(opts));

    const image = new docker.RemoteImage(name, imageArgs(args.source), childOptions(opts, { parent: this }));

    this.imageId = image.imageId;
    this.registerOutputs({ imageId: this.imageId });
  }
}

function imageArgs(source: RegistryImage | BuiltImage): docker.RemoteImageArgs {
  if ("reference" in source) return { name: source.reference, keepLocally: true };
  const { repository, context, base, release } = source;
  const tag = tagOf(source);
  return {
    name: `${repository}:${tag}`,
    build: { context, buildArgs: { BASE: base, ...(release !== undefined && { RELEASE: release }) } },
    triggers: { context: tag },
    keepLocally: true,
  };
}
