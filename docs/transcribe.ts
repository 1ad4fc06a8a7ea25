import { readFileSync, writeFileSync } from "node:fs";
import { PROJECT } from "../toolchain/environment.ts";
import { main } from "../toolchain/main.ts";
import { run } from "../toolchain/run.ts";

/** Pages whose transcripts are made here. Between its two comments each shows what the named command printed. */
const PAGES = ["README.md"];
const TRANSCRIPT = /(<!-- transcript: (.+) -->\n)[\s\S]*?(<!-- \/transcript -->)/g;

/** Runs the commands that the pages show, and puts their real output into them: `npm run transcripts`. */
await main(async () => {
  for (const page of PAGES) {
    const text = readFileSync(`${PROJECT}/${page}`, "utf8");
    const outputs = new Map<string, string>();
    for (const [, , command = ""] of text.matchAll(TRANSCRIPT)) {
      console.log(`${page}: running ${command}`);
      outputs.set(command, await run("sh", ["-c", command], { cwd: PROJECT }));
    }
    const shown = text.replace(TRANSCRIPT, (_, opening: string, command: string, closing: string) => {
      return `${opening}\n\`\`\`console\n$ ${command}\n${tidy(outputs.get(command) ?? "")}\n\`\`\`\n\n${closing}`;
    });
    writeFileSync(`${PROJECT}/${page}`, shown);
  }
  return 0;
});

/** Without npm's own preamble and blank lines at the end of a line. */
function tidy(output: string): string {
  return output
    .split("\n")
    .filter((line) => !line.startsWith("> "))
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}
