import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";
import { drawDot } from "./dot.ts";
import type { Model } from "./model.ts";
import { sentenceOf } from "./words.ts";

const STYLE = new URL("picture.css", import.meta.url);

/**
 * The model as a picture that stands by itself: light or dark as the reader has it, every node and link an element whose id
 * is the model's, and whose classes are its kind and its state.
 */
export async function drawSvg(model: Model): Promise<string> {
  const drawn = (await instance()).renderString(drawDot(model), { format: "svg" });
  const titles = new Map([...model.nodes, ...model.links].map((part) => [part.id, sentenceOf(part, model)]));
  const { nodes, links, environment, generatedAt, checks } = model;
  const failed = checks.filter(({ passed }) => !passed);
  const summary = [
    `${nodes.length} nodes and ${links.length} links`,
    generatedAt === undefined ? "as the settings say" : `as they were at ${generatedAt}`,
    ...(failed.length > 0 ? [`failed checks: ${failed.map(({ title }) => title).join("; ")}`] : []),
  ].join(", ");
  return (
    drawn
      .replace(
        /^[\s\S]*?<svg width="([\d.]+)pt" height="([\d.]+)pt"/,
        '<svg class="topology" role="img" aria-labelledby="topology-title topology-summary" width="$1" height="$2"',
      )
      .replace(/(<svg[^>]*>)/, (start) =>
        [
          start,
          `<title id="topology-title">${xml(`Topology of ${environment}`)}</title>`,
          `<desc id="topology-summary">${xml(summary)}</desc>`,
          `<style>\n${readFileSync(STYLE, "utf8")}</style>`,
        ].join("\n"),
      )
      // Graphviz writes the names that things have in its own language where a browser looks for what to show of them.
      .replace(/(<g id="([^"]*)" class="[^"]*">)\s*<title>[^<]*<\/title>/g, (_, start: string, id: string) => {
        const title = titles.get(text(id));
        return title === undefined ? start : `${start}\n<title>${xml(title)}</title>`;
      })
  );
}

const ESCAPES = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
] as const;
const xml = (plain: string): string => ESCAPES.reduce((all, [letter, code]) => all.replaceAll(letter, code), plain);
/** What a text of Graphviz's picture stands for. */
const text = (escaped: string): string =>
  escaped
    .replace(/&#(x[0-9a-f]+|\d+);/gi, (_, code: string) => String.fromCodePoint(Number(code.replace(/^x/i, "0x"))))
    .replace(/&(amp|lt|gt|quot);/g, (code) => ESCAPES.find(([, each]) => each === code)?.[0] ?? code);
