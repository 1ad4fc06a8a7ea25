import { Command } from "commander";
import { main } from "../toolchain/main.ts";
import { backupCommand } from "./commands/backup/command.ts";
import { doctorCommand } from "./commands/doctor/command.ts";
import { explainCommand } from "./commands/explain/command.ts";
import { graphCommand } from "./commands/graph/command.ts";
import { inspectCommand } from "./commands/inspect/command.ts";
import { recoverCommand } from "./commands/recover/command.ts";
import { restoreCommand } from "./commands/restore/command.ts";
import { sweepCommand } from "./commands/sweep/command.ts";
import { verifyCommand } from "./commands/verify/command.ts";

/** Exit code of a command that could not run; 1 means that it ran and found a fault. */
const COULD_NOT_RUN = 2;

const COMMANDS = [
  doctorCommand,
  verifyCommand,
  inspectCommand,
  explainCommand,
  graphCommand,
  sweepCommand,
  recoverCommand,
  backupCommand,
  restoreCommand,
];

await main(async () => {
  const lab = new Command("lab")
    .description("Verify, inspect and repair an environment, which is a stack of this project.")
    .showHelpAfterError("(lab --help lists the commands, lab COMMAND --help the options of one)")
    .helpCommand(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : COULD_NOT_RUN));
  for (const command of COMMANDS) lab.addCommand(command().copyInheritedSettings(lab));
  await lab.parseAsync();
  return Number(process.exitCode ?? 0);
}, COULD_NOT_RUN);
