type Child = Node | string | undefined;
type Properties = Readonly<Record<string, string | boolean | number | ((event: Event) => void) | undefined>>;

/**
 * Creates an element: functions are listeners, all other properties are attributes. Strings are inserted as text, not
 * HTML.
 */
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

/** As {@link h}, for SVG elements. */
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

/** The element with this id in the static part of the page. */
export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element as T;
}

/** A sign with its meaning as text for screen readers; `shown` makes the text visible. */
export const sign = (kind: "passed" | "failed", words: string, shown = false): HTMLElement =>
  h(
    "span",
    { class: `sign ${kind}` },
    h("span", { "aria-hidden": "true" }, kind === "passed" ? "✓ " : "✕ "),
    h("span", shown ? {} : { class: "unseen" }, words),
  );
