import { Command } from "commander";
import { main } from "../toolchain/main.ts";

/** Exit code of a command that could not run; 1 means that it ran and found a fault. */
const COULD_NOT_RUN = 2;

/** Each command, loaded when it runs: all of them take several times as long. */
const COMMANDS: Readonly<Record<string, () => Promise<() => Command>>> = {
  doctor: async () => (await import("./commands/doctor/command.ts")).doctorCommand,
  verify: async () => (await import("./commands/verify/command.ts")).verifyCommand,
  inspect: async () => (await import("./commands/inspect/command.ts")).inspectCommand,
  explain: async () => (await import("./commands/explain/command.ts")).explainCommand,
  graph: async () => (await import("./commands/graph/command.ts")).graphCommand,
  sweep: async () => (await import("./commands/sweep/command.ts")).sweepCommand,
  recover: async () => (await import("./commands/recover/command.ts")).recoverCommand,
  backup: async () => (await import("./commands/backup/command.ts")).backupCommand,
  restore: async () => (await import("./commands/restore/command.ts")).restoreCommand,
};

await main(async () => {
  const lab = new Command("lab")
    .description("Verify, inspect and repair an environment, which is a stack of this project.")
    .showHelpAfterError("(lab --help lists the commands, lab COMMAND --help the options of one)")
    .helpCommand(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : COULD_NOT_RUN));
  const named = Object.entries(COMMANDS).filter(([name]) => name === process.argv[2]);
  for (const [, load] of named.length > 0 ? named : Object.entries(COMMANDS)) {
    lab.addCommand((await load())().copyInheritedSettings(lab));
  }
  await lab.parseAsync();
  return Number(process.exitCode ?? 0);
}, COULD_NOT_RUN);
