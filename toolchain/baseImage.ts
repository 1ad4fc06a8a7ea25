import { fileURLToPath } from "node:url";
import { baseImage, type ImageOrigin } from "../stacks/images.ts";
import { answers } from "./network.ts";
import { attempt, errorTail, run } from "./run.ts";
import { SetupError, type Step } from "./step.ts";

const REGISTRY = "https://registry-1.docker.io/v2/";
const SCRIPT = fileURLToPath(new URL("../images/base/base.sh", import.meta.url));

/** Source of this machine's images: DOCKERNET_IMAGES if set, else `official` if the registry answers, else `debian`. */
export async function imageOrigin(): Promise<ImageOrigin> {
  const said = process.env.DOCKERNET_IMAGES;
  if (said === "official" || said === "debian") return said;
  if (said) throw new SetupError(`environment variable DOCKERNET_IMAGES: expected official or debian, got ${said}`);
  return (await answers(REGISTRY)) ? "official" : "debian";
}

/** The Debian base image of the project's own images, built from packages because no registry answers. */
export const debianBase: Step = {
  name: "base image",
  async look() {
    const image = baseImage();
    if (await attempt("docker", ["image", "inspect", image])) return { there: image };
    return {
      missing: `the image ${image} (built from Debian packages: no image registry answers)`,
      install: async () => {
        await run("sh", [SCRIPT, image]).catch((error) => {
          throw new SetupError(`could not build the Debian base image:\n${errorTail(error)}`);
        });
        return image;
      },
    };
  },
};
