import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PROJECT } from "../toolchain/environment.ts";

/** The lessons, a page each in this folder. */
export const LESSONS = ["bridge", "namespaces", "links", "ports", "isolation", "counter"] as const;

const CONSOLE = /(?<=^```console\n)[\s\S]*?(?=^```$)/gm;
const PROMPT = "$ ";

/**
 * A lesson's page with what `say` gives for each of its commands, which are said in the order of the page. In a console
 * block a line that begins with `$ ` is a command, and what follows it is its output.
 */
export async function retell(page: string, say: (command: string) => Promise<string>): Promise<string> {
  const blocks: string[] = [];
  for (const [block] of page.matchAll(CONSOLE)) {
    const commands = block.split("\n").filter((line) => line.startsWith(PROMPT));
    const lines: string[] = [];
    for (const command of commands) {
      const output = await say(command.slice(PROMPT.length));
      lines.push(command, ...(output === "" ? [] : output.split("\n")));
    }
    blocks.push(lines.map((line) => `${line}\n`).join(""));
  }
  return page.replace(CONSOLE, () => blocks.shift() ?? "");
}

/** What a command shows on a terminal, errors too, whether it fails or not; without blanks at the end of a line. */
export async function output(command: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const script = `(${command}\n) 2>&1; true`;
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: PROJECT, env: { ...process.env, ...env } });
  // Of rules that something else on the machine has made by the older iptables, every call reminds.
  return stdout
    .replace(/^# Warning: iptables-legacy tables present.*\n/gm, "")
    .replace(/[ \t]+$/gm, "")
    .trimEnd();
}
