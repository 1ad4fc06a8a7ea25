import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PROJECT } from "../toolchain/environment.ts";

/** The lessons; each is a page in this folder. */
export const LESSONS = ["bridge", "namespaces", "links", "ports", "isolation", "counter", "macvlan", "quorum"] as const;

const CONSOLE = /(?<=^```console\n)[\s\S]*?(?=^```$)/gm;
const PROMPT = "$ ";

/**
 * Returns a lesson's page with new output for each of its commands. `say` runs a command and returns its output; commands
 * run in the order of the page. In a console block a line that starts with `$ ` is a command, and the lines after it are
 * its output.
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

/** The output of a command, standard output and standard error, even if it fails; without trailing blanks. */
export async function output(command: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const script = `(${command}\n) 2>&1; true`;
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: PROJECT, env: { ...process.env, ...env } });
  // iptables warns at every call if another program has created rules with iptables-legacy.
  return stdout
    .replace(/^# Warning: iptables-legacy tables present.*\n/gm, "")
    .replace(/[ \t]+$/gm, "")
    .trimEnd();
}
