import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { Command, Option } from "commander";
import { LAB_NAMES } from "../../stacks/schema.ts";
import { SetupError } from "../../toolchain/step.ts";
import { readOutputs } from "../outputs.ts";
import { drawDot } from "./dot.ts";
import { liveModel } from "./liveModel.ts";
import { drawMermaid } from "./mermaid.ts";
import { type Model, offlineModel, ofLabs } from "./model.ts";
import { drawSvg } from "./svg.ts";

/** How each format is drawn, and the endings of its files. */
const FORMATS: Readonly<
  Record<string, { readonly draw: (model: Model) => string | Promise<string>; readonly endings: readonly string[] }>
> = {
  svg: { draw: drawSvg, endings: [".svg"] },
  mermaid: { draw: drawMermaid, endings: [".mmd", ".mermaid"] },
  dot: { draw: drawDot, endings: [".dot", ".gv"] },
  json: { draw: (model) => `${JSON.stringify(model, undefined, 2)}\n`, endings: [".json"] },
};
const STANDARD_OUTPUT = "-";

interface Options {
  readonly format?: string;
  readonly output?: string;
  readonly live?: true;
  readonly lab?: string[];
}

export const graphCommand = (): Command =>
  new Command("graph")
    .summary("draw an environment")
    .description(
      "Draws machines, containers, networks and the cables between them: as the settings say, from the stack's state " +
        "alone, or with --live as they are. Exits with 1 when something that was looked at is not as it should be.",
    )
    .argument("<environment>", "stack of this project")
    .addOption(
      new Option("--format <format>", "what to draw it as (default: what the file's name ends in, else svg)").choices(
        Object.keys(FORMATS),
      ),
    )
    .option("--output <file>", "file to write, - for standard output (default: ENVIRONMENT.svg on a terminal, else -)")
    .addOption(
      new Option("--live", "look at machines and engines, and make the checks of lab verify").conflicts("offline"),
    )
    .addOption(new Option("--offline", "look at nothing (default)"))
    .addOption(new Option("--lab <lab...>", "only what these labs have, and what it is on").choices(LAB_NAMES))
    .action(async (environment: string, options: Options) => {
      const { draw, file } = destination(environment, options, process.stdout.isTTY);
      const outputs = await readOutputs(environment);
      const whole = options.live ? await liveModel(environment, outputs) : offlineModel(environment, outputs.topology);
      const model = options.lab ? ofLabs(whole, options.lab) : whole;
      if (model.nodes.length === 0)
        throw new SetupError(`environment ${environment} has no lab ${options.lab?.join(", ")}`);
      write(file, await draw(model));
      process.exitCode = isSound(model) ? 0 : 1;
    });

/** Where the picture goes, and what it is drawn as. */
export function destination(environment: string, { format, output }: Options, terminal: boolean) {
  const byEnding = Object.entries(FORMATS).find(([, { endings }]) => endings.includes(extname(output ?? "")));
  const name = format ?? byEnding?.[0] ?? "svg";
  if (output !== undefined && output !== STANDARD_OUTPUT && format === undefined && !byEnding) {
    const endings = Object.values(FORMATS).flatMap((each) => each.endings);
    throw new SetupError(`${output}: expected a name that ends in ${endings.join(", ")}, or --format`);
  }
  const drawing = name === "svg" || name === "html";
  const { draw } = FORMATS[name] as (typeof FORMATS)[string];
  return { name, draw, file: output ?? (terminal && drawing ? `${environment}.${name}` : STANDARD_OUTPUT) };
}

function write(file: string, text: string): void {
  if (file === STANDARD_OUTPUT) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new SetupError(`${file} could not be written: ${(error as Error).message}`);
  }
  console.error(`${file} written`);
}

/** Whether nothing that was looked at is other than it should be. */
const isSound = ({ nodes, links, checks }: Model): boolean =>
  [...nodes, ...links].every(({ state }) => state === "up" || state === "unknown") &&
  checks.every(({ passed }) => passed);
