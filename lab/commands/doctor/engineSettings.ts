import type { Config } from "../../../stacks/config.ts";
import { builtImage } from "../../../stacks/images.ts";
import type { LabName } from "../../../stacks/labs/index.ts";
import { type Unfit, unfitIn } from "../../host/engineVerdicts.ts";
import type { Facts } from "../../host/facts.ts";
import type { Judgement } from "./finding.ts";
import { imagesOf } from "./needs.ts";

/** Whether an engine's settings let the checks of labs pass. */
export function judgeSettings(facts: Facts, labs: readonly LabName[]): Judgement[] {
  return unfitIn(facts).flatMap((unfit): Judgement[] => {
    const concerned = labs.filter((lab) => unfit.labs.includes(lab));
    if (concerned.length === 0) return [];
    const what = `the engine runs with ${unfit.setting}, with which ${listed(concerned)} cannot pass`;
    return [{ id: "engine-settings", level: "problem", what, why: unfit.why, fix: fixOf(unfit, concerned) }];
  });
}

/** Whether an engine's settings let it build the lab images that it lacks. */
export function judgeBuilds(facts: Facts, labs: readonly LabName[], config: Config): Judgement[] {
  const there = new Set(facts.all("image"));
  const lacking = (lab: LabName) =>
    imagesOf(config, lab)
      .flatMap((service) => builtImage(service, config.images) ?? [])
      .filter((image) => !there.has(image));
  const concerned = labs.filter((lab) => lacking(lab).length > 0);
  if (concerned.length === 0) return [];
  const images = [...new Set(concerned.flatMap(lacking))].map((image) => image.replace(/:.*/, ""));
  const why = `the steps of a build reach no package mirror, and the engine lacks ${images.join(", ")}`;
  return unfitIn(facts)
    .filter(({ stopsBuilds }) => stopsBuilds)
    .map((unfit) => {
      const what = `the engine runs with ${unfit.setting}, with which the images of ${listed(concerned)} cannot be built`;
      return { id: "engine-builds", level: "problem", what, why, fix: fixOf(unfit, concerned) };
    });
}

const fixOf = ({ fix }: Unfit, labs: readonly LabName[]): string =>
  `${fix}; or take ${labs.join(", ")} out of dockernet:labs`;

const listed = (labs: readonly LabName[]): string => `the lab${labs.length === 1 ? "" : "s"} ${labs.join(", ")}`;
