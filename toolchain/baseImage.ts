import { fileURLToPath } from "node:url";
import { baseImage, type ImageOrigin } from "../stacks/images.ts";
import { answers } from "./network.ts";
import { attempt, errorTail, run } from "./run.ts";
import { SetupError, type Step } from "./step.ts";

const REGISTRY = "https://registry-1.docker.io/v2/";
const SCRIPT = fileURLToPath(new URL("../images/base/base.sh", import.meta.url));

/** Where this machine's images come from: the environment's word, else the registry if it answers, else Debian. */
export async function imageOrigin(): Promise<ImageOrigin> {
  const said = process.env.DOCKERNET_IMAGES;
  if (said === "official" || said === "debian") return said;
  if (said) throw new SetupError(`environment variable DOCKERNET_IMAGES: expected official or debian, got ${said}`);
  return (await answers(REGISTRY)) ? "official" : "debian";
}

/** The Debian image that the project's own images are built on where no registry serves one. */
export const debianBase: Step = {
  name: "base image",
  async look() {
    const image = baseImage();
    if (await attempt("docker", ["image", "inspect", image])) return { there: image };
    return {
      missing: `the image ${image}, made of Debian packages since no image registry answers`,
      install: async () => {
        await run("sh", [SCRIPT, image]).catch((error) => {
          throw new SetupError(`the Debian base image could not be made:\n${errorTail(error)}`);
        });
        return image;
      },
    };
  },
};
