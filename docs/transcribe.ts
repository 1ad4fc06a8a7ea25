import { readFileSync, writeFileSync } from "node:fs";
import { PROJECT } from "../toolchain/environment.ts";
import { main } from "../toolchain/main.ts";
import { LESSONS, output, retell } from "./lessons.ts";

const README = "README.md";
/** The output of the command that the first comment names, between the two comments. */
const TRANSCRIPT = /(<!-- transcript: (.+) -->\n)[\s\S]*?(<!-- \/transcript -->)/g;

/**
 * Runs the commands shown in the pages and inserts their output: `npm run transcripts`, or for some pages
 * `npm run transcripts -- docs/bridge.md`. Needs root, and running environments `practice`, `basics`
 * and `mine` (docs/macvlan.md).
 */
await main(async () => {
  const asked = process.argv.slice(2);
  for (const page of asked.length > 0 ? asked : [README, ...LESSONS.map((lesson) => `docs/${lesson}.md`)]) {
    const file = `${PROJECT}/${page}`;
    const say = (command: string) => {
      console.log(`${page}: running ${command}`);
      return output(command);
    };
    const text = readFileSync(file, "utf8");
    writeFileSync(file, await (page === README ? transcribe(text, say) : retell(text, say)));
  }
  return 0;
});

async function transcribe(page: string, say: (command: string) => Promise<string>): Promise<string> {
  const outputs: string[] = [];
  for (const [, , command = ""] of page.matchAll(TRANSCRIPT)) outputs.push(tidy(await say(command)));
  return page.replace(TRANSCRIPT, (_, opening: string, command: string, closing: string) => {
    return `${opening}\n\`\`\`console\n$ ${command}\n${outputs.shift()}\n\`\`\`\n\n${closing}`;
  });
}

/** Removes npm's own preamble. */
function tidy(text: string): string {
  return text
    .split("\n")
    .filter((line) => !line.startsWith("> "))
    .join("\n")
    .trim();
}
