import { Command } from "commander";
import { main } from "../toolchain/main.ts";
import { explainCommand } from "./explain/command.ts";
import { inspectCommand } from "./inspect/command.ts";
import { recoverCommand } from "./recover/command.ts";
import { sweepCommand } from "./sweep/command.ts";
import { verifyCommand } from "./verify/command.ts";

/** Exit code of a command that could not do what it was asked for; 1 says that it did, and found something wrong. */
const COULD_NOT_RUN = 2;

await main(async () => {
  const lab = new Command("lab")
    .description(
      "What Pulumi does not do with an environment, a stack of this project: prove it, show it, explain it, bring it back.",
    )
    .showHelpAfterError("(lab --help lists the commands, lab COMMAND --help the options of one)")
    .helpCommand(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : COULD_NOT_RUN));
  for (const command of [verifyCommand, inspectCommand, explainCommand, sweepCommand, recoverCommand])
    lab.addCommand(command().copyInheritedSettings(lab));
  await lab.parseAsync();
  return Number(process.exitCode ?? 0);
}, COULD_NOT_RUN);
