import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";
import { decodeXML } from "entities/decode";
import { escapeUTF8 } from "entities/escape";
import { drawDot } from "./dot.ts";
import type { Model } from "./model.ts";
import { sentenceOf } from "./words.ts";

const STYLE = new URL("picture.css", import.meta.url);

/**
 * Draws the model as a self-contained picture that follows the reader's light or dark theme. Every node and link is an
 * element with the model's id, and with its kind and state as classes.
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
          `<title id="topology-title">${escapeUTF8(`Topology of ${environment}`)}</title>`,
          `<desc id="topology-summary">${escapeUTF8(summary)}</desc>`,
          `<style>\n${readFileSync(STYLE, "utf8")}</style>`,
        ].join("\n"),
      )
      // Graphviz writes DOT names into titles, which browsers show as tooltips.
      .replace(/(<g id="([^"]*)" class="[^"]*">)\s*<title>[^<]*<\/title>/g, (_, start: string, id: string) => {
        const title = titles.get(decodeXML(id));
        return title === undefined ? start : `${start}\n<title>${escapeUTF8(title)}</title>`;
      })
  );
}
