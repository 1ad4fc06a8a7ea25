import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { escapeUTF8 } from "entities/escape";
import { type Model, ofLabs } from "./model.ts";
import type { PageData } from "./page/browser/view.ts";
import { drawSvg } from "./svg.ts";

const FOLDER = new URL("page/", import.meta.url);
/** The code of the page, which runs in a browser. */
const CODE = fileURLToPath(new URL("browser/main.ts", FOLDER));
const STYLES = ["page.css", "list.css", "canvas.css", "panel.css", "print.css"];

/**
 * Draws the model as an interactive page: one HTML file without network requests. Values of the model are never read as
 * HTML.
 */
export async function drawPage(model: Model): Promise<string> {
  const picture = await drawSvg(model);
  const style = STYLES.map(read).join("");
  const script = await bundle(CODE);
  const labs = [...new Set(model.nodes.flatMap(({ lab }) => lab ?? []))];
  const data: PageData = {
    model,
    labs: Object.fromEntries(labs.map((lab) => [lab, ofLabs(model, [lab]).nodes.map(({ id }) => id)])),
  };
  const styles = [style, ...[...picture.matchAll(/<style>([^<]*)<\/style>/g)].map(([, text = ""]) => text)];
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${styles.map(hash).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    title: `<title>${escapeUTF8(model.environment)}: topology</title>`,
    style: `<style>${style}</style>`,
    heading: `<h1>${escapeUTF8(model.environment)}</h1>`,
    when:
      model.generatedAt === undefined ? "as the settings say" : `as seen at ${escapeUTF8(readable(model.generatedAt))}`,
    picture,
    // Without this letter, JSON contains nothing that a browser reads as HTML, such as the end of the script.
    data: `<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>`,
    script: `<script>${script}</script>`,
  };
  return read("page.html").replace(/<!-- (\w+) -->/g, (_, name: string) => parts[name] ?? "");
}

/** Bundles a module and its imports into one script for a browser. */
async function bundle(entry: string): Promise<string> {
  // Loaded on demand, so that other commands start without it.
  const { buildSync } = await import("esbuild");
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    format: "iife",
    target: "es2023",
    minify: true,
    charset: "utf8",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}

const read = (name: string): string => readFileSync(new URL(name, FOLDER), "utf8");

/** The source expression that allows an inline text (CSP Level 3, section 2.3.1). */
const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Formats an ISO 8601 time for people. */
const readable = (time: string): string => time.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
