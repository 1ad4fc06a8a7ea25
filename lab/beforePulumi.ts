import { parseArgs } from "node:util";
import { keepCopies } from "../toolchain/copies.ts";
import { main } from "../toolchain/main.ts";
import { refuseOther } from "./state/engineIdentity.ts";
import { refuseBrokenSettings } from "./state/settingsFile.ts";

/** Commands that read the settings file of a stack, of which Pulumi's own words name no file. */
const READ_SETTINGS = words("preview pre up update destroy down dn refresh watch config");
/** Commands that change a state, of which a copy is kept before. */
const CHANGE_STATE = words("up update destroy down dn refresh import cancel state rm remove delete rename");
/** Commands that change what is on an engine, or believe what they find there. On another engine they are refused. */
const USE_ENGINE = words("up update destroy down dn refresh import watch");
const PREVIEW = words("preview pre");
/** Commands that have commands of their own, which may be called as one of these. */
const GROUPS = words("stack state config");

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** What is looked at before a `pulumi` command whose arguments these are, by toolchain/commands/pulumi.sh. */
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

  // What a backend puts before a stack's name, organization and project, is no part of the file's.
  if (stack !== undefined && given(READ_SETTINGS)) refuseBrokenSettings(stack.split("/").at(-1) ?? stack);
  if (given(CHANGE_STATE)) keepCopies();
  const own = args.slice(0, [...args.map((each) => GROUPS.has(each)), true].indexOf(true));
  const uses = own.some((each) => USE_ENGINE.has(each));
  const previews = own.some((each) => PREVIEW.has(each)) && (values.refresh === true || values.refresh === "true");
  if (uses || previews) await refuseOther({ stack: text(values.stack), cwd: text(values.cwd) });
  return 0;
});
