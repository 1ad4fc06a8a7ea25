type Child = Node | string | undefined;
type Properties = Readonly<Record<string, string | boolean | number | ((event: Event) => void) | undefined>>;

/** Makes an element: functions are listeners, everything else is an attribute. Text is text, whatever is in it. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, properties);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** As {@link h}, in the picture. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, properties);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

function fill(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== undefined) element.setAttribute(name, String(value));
  }
}

/** The element of the page's own frame with this id. */
export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element as T;
}

/** A sign with its meaning in words, for those who do not see it or do not know it; `shown` shows the words to all. */
export const sign = (kind: "passed" | "failed", words: string, shown = false): HTMLElement =>
  h(
    "span",
    { class: `sign ${kind}` },
    h("span", { "aria-hidden": "true" }, kind === "passed" ? "✓ " : "✕ "),
    h("span", shown ? {} : { class: "unseen" }, words),
  );
