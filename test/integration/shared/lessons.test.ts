import { LESSONS } from "../../../docs/lessons.ts";
import type { Environment } from "../environment.ts";
import { shownAsPrinted } from "../lesson.ts";
import { LABS, sharedEnvironment } from "./environment.ts";

describe("the lessons, with every command in order", function () {
  this.timeout(300_000);
  let lab: Environment;
  before(async () => {
    lab = await sharedEnvironment();
  });

  for (const lesson of LESSONS.filter((each) => LABS.includes(each))) {
    it(`docs/${lesson}.md shows what its commands print`, () => shownAsPrinted(lesson, lab));
  }
});
