import { LINK_KINDS } from "./linkKinds.ts";
import type { Model, ModelLink, ModelNode, State } from "./model.ts";
import { type Frame, placesOf, routesOf } from "./places.ts";
import { alongLink, wordsOf } from "./words.ts";

/** Brackets around a node's label, which select its shape. */
const SHAPE: Readonly<Record<ModelNode["kind"], readonly [string, string]>> = {
  host: ["[", "]"],
  container: ["(", ")"],
  namespace: ["(", ")"],
  network: ["[", "]"],
  port: ["[/", "/]"],
  member: ["[(", ")]"],
};

/** Outlines only, so that they are visible on light and dark pages. */
const CLASSES: Readonly<Record<Exclude<State, "up" | "unknown"> | "failed", string>> = {
  down: "stroke:#cf222e,stroke-width:2px",
  failed: "stroke:#cf222e,stroke-width:3px",
  missing: "stroke:#8c959f,stroke-dasharray:4",
  unexpected: "stroke:#bc4c00,stroke-dasharray:4",
};

/**
 * Draws the model as a Mermaid flowchart, which GitHub and GitLab render in Markdown
 * (https://mermaid.js.org/syntax/flowchart.html).
 */
export function drawMermaid(model: Model): string {
  const { paper, endOf, alone } = placesOf(model);
  // Mermaid ids have no punctuation and must not begin with one of its keywords.
  const names = new Map(model.nodes.map(({ id }, index) => [id, `n${index}`]));
  const nameOf = (id: string) => names.get(id) ?? "";
  const drawNode = (node: ModelNode) => {
    const [open, close] = SHAPE[node.kind];
    const { name, lines } = wordsOf(node, model);
    return `${nameOf(node.id)}${open}"${[`<b>${escaped(name)}</b>`, ...lines.map(escaped)].join("<br/>")}"${close}`;
  };
  const drawFrame = ({ host, nodes, frames }: Frame): string[] => {
    const within = [...nodes.map(drawNode), ...frames.flatMap(drawFrame)];
    if (!host) return within;
    const standing = alone.has(host.id) ? [drawNode(host)] : [];
    const head = `subgraph ${nameOf(host.id)}f["${escaped(host.name)}"]`;
    return [head, ...[...standing, ...within].map((line) => `  ${line}`), "end"];
  };
  const drawLink = (link: ModelLink) => {
    const words = alongLink(link);
    return join(
      endOf(link.from),
      words === "" ? LINK_KINDS[link.kind].mermaid : `${LINK_KINDS[link.kind].mermaid}|"${escaped(words)}"|`,
      endOf(link.to),
    );
  };
  const join = (from: string, arrow: string, to: string) => `${nameOf(from)} ${arrow} ${nameOf(to)}`;
  const classes = Object.entries(CLASSES).flatMap(([name, style]) => {
    const marked = model.nodes.filter(({ state, failed }) => (failed.length > 0 ? "failed" : state) === name);
    return marked.length === 0
      ? []
      : [`classDef ${name} ${style}`, `class ${marked.map(({ id }) => nameOf(id)).join()} ${name}`];
  });
  const broken = model.links.flatMap(({ state, failed }, index) =>
    failed.length > 0 || state === "down" ? [index] : [],
  );
  const body = [
    ...drawFrame(paper),
    ...model.links.map(drawLink),
    ...routesOf(model).map(([bridge, host]) => join(bridge, "-.-", host)),
    ...classes,
    ...(broken.length > 0 ? [`linkStyle ${broken.join()} stroke:#cf222e,stroke-width:3px`] : []),
  ];
  return `flowchart LR\n${body.map((line) => `  ${line}`).join("\n")}\n`;
}

/** Text of a label: replaces characters that Mermaid or Markdown might interpret by entity codes. */
const escaped = (text: string): string =>
  text.replace(/\p{Cc}/gu, " ").replace(/[^\p{L}\p{N} .,:/@_-]/gu, (letter) => `#${letter.codePointAt(0)};`);
