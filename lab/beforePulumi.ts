import { parseArgs } from "node:util";
import { keepCopies } from "../toolchain/copies.ts";
import { main } from "../toolchain/main.ts";
import { refuseOther } from "./state/engineIdentity.ts";
import { refuseDamaged } from "./state/lost.ts";
import { refuseBrokenSettings } from "./state/settingsFile.ts";

/** Commands that read a stack's settings file. Pulumi's own errors do not name the file. */
const READ_SETTINGS = words("preview pre up update destroy down dn refresh watch config");
/** Commands that change a state; it is copied first. */
const CHANGE_STATE = words("up update destroy down dn refresh import cancel state rm remove delete rename");
/** Commands that change an engine's objects, or write what they find there to the state. Refused on another engine. */
const USE_ENGINE = words("up update destroy down dn refresh import watch");
const PREVIEW = words("preview pre");
/** Commands that read a state and are no way to replace it. Of a damaged one, Pulumi says no more than `EOF`. */
const READ_STATE = words("preview pre up update destroy down dn refresh watch cancel");
/** Commands whose subcommands may have one of the names above. */
const GROUPS = words("stack state config");

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** Checks before a `pulumi` command with these arguments; run by toolchain/commands/pulumi.sh. */
await main(async () => {
  const args = process.argv.slice(2);
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C" },
      refresh: { type: "boolean", short: "r" },
    },
    strict: false,
  });
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const stack = text(values.stack) ?? text(process.env.PULUMI_STACK);
  const given = (known: ReadonlySet<string>) => args.some((each) => known.has(each));

  // The file's name leaves out the organization and project that a backend puts before a stack's name.
  if (stack !== undefined && given(READ_SETTINGS)) refuseBrokenSettings(stack.split("/").at(-1) ?? stack);
  if (given(CHANGE_STATE)) keepCopies();
  const own = args.slice(0, [...args.map((each) => GROUPS.has(each)), true].indexOf(true));
  if (stack !== undefined && own.some((each) => READ_STATE.has(each))) refuseDamaged(stack);
  const uses = own.some((each) => USE_ENGINE.has(each));
  const previews = own.some((each) => PREVIEW.has(each)) && (values.refresh === true || values.refresh === "true");
  if (uses || previews) await refuseOther({ stack: text(values.stack), cwd: text(values.cwd) });
  return 0;
});
