import { ServiceImage } from "../components/ServiceImage.ts";
import { imageSource, type ServiceName } from "../stacks/images.ts";
import { imagesFrom } from "./imageOrigin.ts";
import { inlineStack } from "./inlineStack.ts";

/** The images that most test files need. */
const SERVICES: readonly ServiceName[] = ["node13", "node", "box", "web", "nginx", "redis"];

/**
 * Builds images on this machine's engine. The engines of all lanes begin with its layers, and would otherwise each install the same
 * packages. The images stay, as those of any lab; the state goes with the folder.
 */
export async function buildLaneImages(folder: string): Promise<void> {
  const origin = imagesFrom();
  const stack = await inlineStack("images", "images", folder);
  await stack.up({
    program: async () => {
      for (const service of SERVICES) new ServiceImage(service, { source: imageSource(service, origin) });
    },
  });
}
