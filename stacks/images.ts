import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuiltImage, tagOf } from "../components/lib/builtImage.ts";
import { contentHash } from "../components/lib/contentHash.ts";
import { DEBIAN } from "../components/packagedImage.ts";

/** The services whose images the labs need. */
export type ServiceName = "nginx" | "redis" | "web" | "box" | "node" | "node13" | "vm" | "vm13" | "tiny";

/** Where images come from: a registry's official ones, or Debian packages where no registry answers. */
export type ImageOrigin = "official" | "debian";

/** An image that a registry serves, by tag and digest. */
export interface OfficialImage {
  readonly reference: string;
}

/** The official images. */
const OFFICIAL = {
  debian: DEBIAN,
  nginx: "nginx:1.28-alpine@sha256:a8b39bd9cf0f83869a2162827a0caf6137ddf759d50a171451b335cecc87d236",
  redis: "redis:7.2-alpine@sha256:05a97a479bc73de66f087dc05b569010772880f778cc8671fa6b8aadee32e5c6",
} as const;

const folderOf = (image: string): string => fileURLToPath(new URL(`../images/${image}`, import.meta.url));

/** The Debian base image that images/base/base.sh makes. Its tag changes with that script. */
export const baseImage = (): string => `dockernet/debian:bookworm-${contentHash(folderOf("base"))}`;

/** The Debian image that the project's own images are built on. */
export const debianImage = (origin: ImageOrigin): string => (origin === "official" ? OFFICIAL.debian : baseImage());

/** Practice nodes whose engine is of today: the same recipe on Debian 13. */
const NODE13 = { repository: "dockernet/node", context: "images/node", release: "trixie" };

/** The same as virtual machines, whose image is built on theirs. */
const VM13 = { repository: "dockernet/vm", context: "images/vm" };

/** The source of a service's image. What only this project has is built in either case. */
export function imageSource(service: ServiceName, origin: ImageOrigin): OfficialImage | BuiltImage {
  if (origin === "official" && (service === "nginx" || service === "redis")) return { reference: OFFICIAL[service] };
  if (service === "node13") return { ...NODE13, base: debianImage(origin) };
  if (service === "vm13") return { ...VM13, base: builtImage("node13", origin) ?? "" };
  return {
    repository: `dockernet/${service}`,
    // From the project's folder, where Pulumi runs programs and providers: a state that is used in another clone says the same.
    context: `images/${service}`,
    base: (service === "vm" && builtImage("node", origin)) || debianImage(origin),
  };
}

/** The name and tag of a service's image that is built here; undefined of one that a registry serves. */
export function builtImage(service: ServiceName, origin: ImageOrigin): string | undefined {
  const source = imageSource(service, origin);
  if ("reference" in source) return undefined;
  const { repository, context } = source;
  return `${repository}:${tagOf({ ...source, context: folderOf(basename(context)) })}`;
}
