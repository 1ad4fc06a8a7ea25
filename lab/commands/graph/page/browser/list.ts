import type { ModelNode } from "../../model.ts";
import { byId, h, sign } from "./dom.ts";
import { mark } from "./parts.ts";
import type { State } from "./state.ts";
import { makeTree } from "./tree.ts";
import { count, factsOf, troubleOf, type View } from "./view.ts";
import { kindsWords, kindWords, NODE_KIND_ORDER } from "./words.ts";

/** Same as in page.css. */
const NARROW = "(width < 44rem), (height < 26rem)";

/** The list of all objects, with a search. It offers everything in the picture to keyboards and screen readers. */
export function makeList(view: View, choose: (id: string) => void) {
  const search = byId<HTMLInputElement>("search");
  const fold = byId<HTMLDetailsElement>("fold");
  // In a one-column layout the list would push the picture out of view.
  fold.open = !matchMedia(NARROW).matches;
  const items = new Map<string, HTMLElement>();
  const tree = makeTree(byId("tree"), (item) => {
    if (item.dataset.id !== undefined) choose(item.dataset.id);
    else tree.toggle(item);
  });
  const sorted = view.model.nodes.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const inside = (id: string | undefined) => sorted.filter((node) => node.in === id);
  const outermost = inside(undefined);
  const outside = outermost.filter(({ kind }) => kind !== "host");
  byId("tree").append(
    ...outermost.filter(({ kind }) => kind === "host").map(itemOf),
    ...(outside.length > 0 ? [group("Outside of all hosts", outside)] : []),
  );
  let state: State = {};

  function itemOf(node: ModelNode): HTMLElement {
    const trouble = troubleOf(node);
    const note = node.kind === "port" ? undefined : view.addressOf(node);
    const children = inside(node.id);
    const kinds = NODE_KIND_ORDER.map((kind) => children.filter((child) => child.kind === kind)).filter(
      (all) => all.length > 0,
    );
    const item = tree.item(
      [
        mark(node.kind),
        h(
          "span",
          { class: "text" },
          h("span", { class: "name" }, node.name, h("span", { class: "unseen" }, `, ${kindWords(node.kind)}`)),
          trouble ? sign("failed", trouble) : undefined,
          note === undefined ? undefined : h("span", { class: "note" }, note),
        ),
      ],
      // A single child, such as the host in a practice node, needs no heading.
      children.length > 1
        ? kinds.flatMap(([first, ...more]) => (first ? [group(kindsWords(first.kind), [first, ...more])] : []))
        : children.map(itemOf),
    );
    item.dataset.id = node.id;
    items.set(node.id, item);
    return item;
  }

  function group(name: string, nodes: readonly ModelNode[]): HTMLElement {
    return tree.item([h("span", { class: "heading" }, name)], nodes.map(itemOf));
  }

  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    tree.focus(tree.rows().find((item) => item.dataset.match) ?? tree.rows()[0]);
  });

  /** Shows the objects that match the search and the lab, with their ancestors. */
  function filter(): void {
    const words = search.value.toLowerCase().split(/\s+/);
    const all = [...byId("tree").querySelectorAll<HTMLElement>("[role=treeitem]")];
    let matches = 0;
    for (const item of all) delete item.dataset.match;
    for (const node of view.model.nodes) {
      const text = [node.name, node.kind, view.addressOf(node), ...Object.values(factsOf(node))]
        .join(" ")
        .toLowerCase();
      const item = items.get(node.id);
      if (!item || !view.inLab(node.id, state.lab) || !words.every((word) => text.includes(word))) continue;
      matches += 1;
      item.dataset.match = "yes";
    }
    for (const item of all) {
      const holds = item.querySelector("[data-match]") !== null;
      item.hidden = !item.dataset.match && !holds;
      if (holds && search.value !== "") tree.open(item);
    }
    const narrowed = search.value !== "" || state.lab !== undefined;
    byId("matches").textContent = narrowed
      ? `${count(matches, "object")} of ${items.size}`
      : `${count(matches, "object")}`;
    tree.settle();
  }

  function show(next: State): void {
    state = next;
    filter();
    for (const [id, item] of items) {
      item.setAttribute("aria-selected", String(id === next.select || id === next.to));
      item.dataset.end = id === next.to ? "to" : id === next.select ? "from" : "";
    }
    const item = items.get(next.to ?? next.select ?? "");
    if (item) tree.reveal(item);
  }

  function focus(): void {
    fold.open = true;
    search.focus();
  }

  return { show, focus };
}
