import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { which } from "../toolchain/run.ts";

/** Of the host's own Chromium: it is to run as root, without a display, and to ask nobody for anything by itself. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with a profile of its own, and one page that notes what the browser complains of and asks for. */
export interface Browser {
  readonly page: Page;
  /** What the console said and which errors nobody caught, since the last look. */
  readonly complaints: () => string[];
  /** The addresses that were asked for, since the last look. */
  readonly requests: () => string[];
  readonly close: () => Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "dockernet-browser-"));
  const executablePath = which("chromium");
  if (executablePath === undefined) throw new Error("there is no chromium; npm test installs it");
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ARGS,
    timeout: 60_000,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => requests.push(request.url()));
  page.setDefaultTimeout(30_000);
  return {
    page,
    complaints: () => complaints.splice(0),
    requests: () => requests.splice(0),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true });
    },
  };
}
