import { h } from "./dom.ts";

const ITEM = "[role=treeitem]";

/**
 * A tree with one tab stop, as in WAI-ARIA's authoring practices: arrow keys move and fold, Home and End go to its
 * ends, Enter and Space activate.
 */
export function makeTree(root: HTMLElement, activate: (item: HTMLElement) => void) {
  root.setAttribute("role", "tree");
  const rows = (): HTMLElement[] =>
    [...root.querySelectorAll<HTMLElement>(ITEM)].filter((item) => item.checkVisibility());
  const parentOf = (item: HTMLElement) => item.parentElement?.closest<HTMLElement>(ITEM);
  const isOpen = (item: HTMLElement) => item.getAttribute("aria-expanded");

  function item(row: readonly (Node | string | undefined)[], children: readonly HTMLElement[]): HTMLElement {
    if (children.length === 0) return h("li", { role: "treeitem", tabindex: -1 }, h("span", { class: "row" }, ...row));
    const twisty = h("span", { class: "twisty", "aria-hidden": "true" });
    return h(
      "li",
      { role: "treeitem", tabindex: -1, "aria-expanded": "true" },
      h("span", { class: "row" }, twisty, ...row),
      h("ul", { role: "group" }, ...children),
    );
  }

  function fold(item: HTMLElement, open: boolean): void {
    if (isOpen(item) !== null) item.setAttribute("aria-expanded", String(open));
  }
  const open = (item: HTMLElement): void => fold(item, true);
  const toggle = (item: HTMLElement): void => fold(item, isOpen(item) !== "true");

  /** Makes an item the tab stop. */
  function stop(item: HTMLElement | undefined): void {
    for (const each of root.querySelectorAll<HTMLElement>(ITEM)) each.tabIndex = each === item ? 0 : -1;
  }

  function focus(item: HTMLElement | null | undefined): void {
    if (!item) return;
    stop(item);
    item.focus();
  }

  /** Ensures that the tab stop is visible. */
  function settle(): void {
    const visible = rows();
    if (!visible.some((each) => each.tabIndex === 0)) stop(visible[0]);
  }

  /** Unfolds the ancestors of an item and scrolls it into view. */
  function reveal(item: HTMLElement): void {
    for (let each = parentOf(item); each; each = parentOf(each)) open(each);
    if (!root.contains(document.activeElement)) stop(item);
    item.firstElementChild?.scrollIntoView({ block: "nearest" });
  }

  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const item = target.closest<HTMLElement>(ITEM);
    if (!item) return;
    focus(item);
    if (target.closest(".twisty")) toggle(item);
    else activate(item);
  });

  root.addEventListener("keydown", (event) => {
    const item = (event.target as Element).closest<HTMLElement>(ITEM);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const visible = rows();
    const at = visible.indexOf(item);
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(visible[at + 1]),
      ArrowUp: () => focus(visible[at - 1]),
      Home: () => focus(visible[0]),
      End: () => focus(visible.at(-1)),
      ArrowRight: () => (isOpen(item) === "true" ? focus(visible[at + 1]) : open(item)),
      ArrowLeft: () => (isOpen(item) === "true" ? fold(item, false) : focus(parentOf(item))),
      Enter: () => activate(item),
      " ": () => activate(item),
    };
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  return { item, rows, open, toggle, focus, settle, reveal };
}
