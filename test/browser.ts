import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { which } from "../toolchain/run.ts";

/** Options for the host's Chromium: run as root, headless, and without its own network requests. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with a separate profile, and one page that records the browser's errors and requests. */
export interface Browser {
  readonly page: Page;
  /** Console messages and uncaught errors since the last call. */
  readonly complaints: () => string[];
  /** Requested URLs since the last call. */
  readonly requests: () => string[];
  readonly close: () => Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "dockernet-browser-"));
  const executablePath = which("chromium");
  if (executablePath === undefined) throw new Error("chromium is missing; npm test installs it");
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
