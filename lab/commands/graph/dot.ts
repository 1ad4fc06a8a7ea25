import { escapeUTF8 } from "entities/escape";
import { LINK_KINDS } from "./linkKinds.ts";
import type { Model, ModelLink, ModelNode, State } from "./model.ts";
import { type Frame, placesOf, routesOf } from "./places.ts";
import { alongLink, wordsOf } from "./words.ts";

/** Attributes as text, or as an HTML-like label. */
type Attributes = Readonly<Record<string, string | { readonly html: string }>>;

/** Colours on a white background; those of the picture are in picture.css, by class. */
const FILL: Readonly<Record<ModelNode["kind"], string>> = {
  host: "#f6f8fa",
  container: "#ddf4ff",
  namespace: "#fbefff",
  network: "#dafbe1",
  port: "#fff8c5",
  member: "#ffeff7",
};
const LINE: Readonly<Record<State, string>> = {
  up: "#57606a",
  unknown: "#57606a",
  down: "#cf222e",
  missing: "#8c959f",
  unexpected: "#bc4c00",
};
const FAILED = "#cf222e";

const SHAPE: Readonly<Record<ModelNode["kind"], { readonly shape: string; readonly style: string }>> = {
  host: { shape: "box", style: "filled" },
  container: { shape: "box", style: "filled,rounded" },
  namespace: { shape: "box", style: "filled,rounded" },
  network: { shape: "box", style: "filled" },
  port: { shape: "cds", style: "filled" },
  member: { shape: "cylinder", style: "filled" },
};

/** Draws the model in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html). */
export function drawDot(model: Model): string {
  const { paper, endOf, alone } = placesOf(model);
  const drawNode = (node: ModelNode) => `${quoted(node.id)} ${list(nodeAttributes(node, model))}`;
  const drawFrame = ({ host, nodes, frames }: Frame): string[] => {
    // Graphviz stacks unordered nodes from the bottom up.
    const own = nodes.map(drawNode).reverse();
    const within = [...own, ...[...frames].reverse().flatMap(drawFrame)];
    if (!host) return within;
    const standing = alone.has(host.id) ? [drawNode(host)] : [];
    return [
      `subgraph ${quoted(`cluster ${host.id}`)} {`,
      ...[`graph ${list(frameAttributes(host))}`, ...standing, ...within].map(indented),
      "}",
    ];
  };
  const drawLink = (link: ModelLink) =>
    `${quoted(endOf(link.from))} -> ${quoted(endOf(link.to))} ${list(linkAttributes(link))}`;
  const routes = routesOf(model).map(([bridge, host]) => `${quoted(bridge)} -> ${quoted(host)} ${list(ROUTE)}`);
  const body = [
    `graph ${list({ id: "topology", label: head(model), labelloc: "t", labeljust: "l", rankdir: "LR", ranksep: "0.7", nodesep: "0.18", pad: "0.2", fontname: FONT, fontsize: "13", bgcolor: "transparent" })}`,
    `node ${list({ fontname: FONT, fontsize: "11", margin: "0.12,0.06" })}`,
    `edge ${list({ fontname: FONT, fontsize: "10", arrowsize: "0.7" })}`,
    ...drawFrame(paper),
    ...model.links.map(drawLink),
    ...routes,
  ];
  return `digraph ${quoted(model.environment)} {\n${body.map(indented).join("\n")}\n}\n`;
}

/**
 * A wide font that Graphviz can measure without having it, so labels also fit in the font that the reader's system
 * substitutes.
 */
const FONT = "Verdana";
const ROUTE = { class: "route", dir: "none", style: "dotted", color: "#8c959f" };

const head = ({ environment, generatedAt }: Model) => ({
  html: `<B>${html(environment)}</B>${html(generatedAt === undefined ? "" : `, as it was at ${generatedAt}`)}`,
});

function nodeAttributes(node: ModelNode, model: Model): Attributes {
  const { name, lines } = wordsOf(node, model);
  const label = [`<B>${html(name)}</B>`, ...lines.map(html)].map((line) => `${line}<BR ALIGN="LEFT"/>`).join("");
  return {
    id: node.id,
    class: classesOf(node),
    ...SHAPE[node.kind],
    ...trouble(node, SHAPE[node.kind].style),
    fillcolor: FILL[node.kind],
    label: { html: label },
  };
}

const frameAttributes = (host: ModelNode): Attributes => ({
  id: host.id,
  class: classesOf(host),
  label: { html: `<B>${html([host.name, host.facts.address].filter(Boolean).join("  "))}</B>` },
  labeljust: "l",
  margin: "12",
  style: "filled,rounded",
  ...trouble(host, "filled,rounded"),
  fillcolor: FILL.host,
});

const linkAttributes = (link: ModelLink): Attributes => ({
  id: link.id,
  class: classesOf(link),
  ...LINK_KINDS[link.kind].dot,
  ...trouble(link, LINK_KINDS[link.kind].dot.style),
  ...(alongLink(link) !== "" && { label: alongLink(link) }),
});

/** Attributes that mark a fault. */
const trouble = ({ state, failed }: ModelNode | ModelLink, style: string | undefined): Attributes => ({
  color: failed.length > 0 ? FAILED : LINE[state],
  ...(failed.length > 0 && { penwidth: "2" }),
  ...((state === "missing" || state === "unexpected") && { style: [style, "dashed"].filter(Boolean).join(",") }),
});

/** CSS classes of its element in the picture. */
const classesOf = ({ kind, state, failed }: ModelNode | ModelLink): string =>
  [kind, state, ...(failed.length > 0 ? ["failed"] : [])].join(" ");

const indented = (text: string): string => text.replace(/^/gm, "  ");

const list = (attributes: Attributes): string =>
  `[${Object.entries(attributes)
    .map(([name, value]) => `${name}=${typeof value === "string" ? quoted(value) : `<${value.html}>`}`)
    .join(" ")}]`;

/** A quoted string. The second backslash keeps escape sequences of labels and ids, such as `\N`, literal. */
const quoted = (text: string): string => `"${printable(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** Text of an HTML-like label. */
const html = (text: string): string => escapeUTF8(printable(text));

/** Replaces control characters, including line ends, by spaces. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, " ");
