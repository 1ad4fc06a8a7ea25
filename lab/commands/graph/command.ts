import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { Command, Option } from "commander";
import { LAB_NAMES } from "../../../stacks/labs/index.ts";
import { LabError } from "../../cli/errors.ts";
import { requireEngine } from "../../state/engineIdentity.ts";
import { readOutputs } from "../../state/outputs.ts";
import { drawDot } from "./dot.ts";
import { liveModel } from "./liveModel.ts";
import { drawMermaid } from "./mermaid.ts";
import { type Model, offlineModel, ofLabs } from "./model.ts";
import { drawPage } from "./page.ts";
import { drawSvg } from "./svg.ts";

/** Output formats, with their file extensions. */
const FORMATS: Readonly<
  Record<string, { readonly draw: (model: Model) => string | Promise<string>; readonly endings: readonly string[] }>
> = {
  svg: { draw: drawSvg, endings: [".svg"] },
  html: { draw: drawPage, endings: [".html", ".htm"] },
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
      "Draws hosts, containers, networks and the cables between them: from the stack's state alone, or with --live as " +
        "they are now. Exit codes: 0 success, 1 with --live something is not as the state says, 2 it could not be drawn.",
    )
    .argument("<environment>", "stack of this project")
    .addOption(
      new Option("--format <format>", "output format (default: the extension of --output, else svg)").choices(
        Object.keys(FORMATS),
      ),
    )
    .option(
      "--output <file>",
      "write to this file; - is standard output (default: ENVIRONMENT.svg on a terminal, else -)",
    )
    .addOption(new Option("--live", "inspect hosts and engines, and run the checks of lab verify").conflicts("offline"))
    .addOption(new Option("--offline", "read the state only (default)"))
    .addOption(new Option("--lab <lab...>", "draw these labs only").choices(LAB_NAMES))
    .action(async (environment: string, options: Options) => {
      const { draw, file } = destination(environment, options, process.stdout.isTTY);
      const outputs = await readOutputs(environment);
      if (options.live) await requireEngine(environment);
      const whole = options.live ? await liveModel(environment, outputs) : offlineModel(environment, outputs.topology);
      const model = options.lab ? ofLabs(whole, options.lab) : whole;
      if (model.nodes.length === 0)
        throw new LabError(`environment ${environment} has no lab ${options.lab?.join(", ")}`);
      write(file, await draw(model));
      process.exitCode = isSound(model) ? 0 : 1;
    });

/** Output file and format. */
export function destination(environment: string, { format, output }: Options, terminal: boolean) {
  const byEnding = Object.entries(FORMATS).find(([, { endings }]) => endings.includes(extname(output ?? "")));
  const name = format ?? byEnding?.[0] ?? "svg";
  if (output !== undefined && output !== STANDARD_OUTPUT && format === undefined && !byEnding) {
    const endings = Object.values(FORMATS).flatMap((each) => each.endings);
    throw new LabError(`${output}: expected a name that ends in ${endings.join(", ")}, or --format`);
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
    throw new LabError(`${file} could not be written: ${(error as Error).message}`);
  }
  console.error(`${file} written`);
}

/** Whether everything that was inspected is as it should be. */
const isSound = ({ nodes, links, checks }: Model): boolean =>
  [...nodes, ...links].every(({ state }) => state === "up" || state === "unknown") &&
  checks.every(({ passed }) => passed);
