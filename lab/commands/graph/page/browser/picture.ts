import { byId, svg } from "./dom.ts";
import { nearest, type Towards } from "./nearest.ts";
import { isCut, type Route } from "./path.ts";
import type { State } from "./state.ts";
import { troubleOf, type View } from "./view.ts";
import { type Box, makeViewport } from "./viewport.ts";
import { kindWords } from "./words.ts";

const TOWARDS: Readonly<Record<string, Towards>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** Distance of Shift and an arrow key, as a part of the visible area. */
const PAN = 0.2;

/** The picture: selectable objects, highlighted paths, and a viewport that pans and zooms. */
export function makePicture(view: View, choose: (id: string) => void) {
  const frame = byId("picture");
  const root = frame.querySelector("svg");
  if (!root) throw new Error("the page has no picture");
  const plane = root.querySelector<SVGGElement>("g.graph") ?? root;
  const drawn = new Map([...root.querySelectorAll<SVGGElement>("g[id]")].map((element) => [element.id, element]));
  const nodes = new Map(
    view.model.nodes.flatMap(({ id }) => {
      const element = drawn.get(id);
      return element ? [[id, element] as const] : [];
    }),
  );
  const viewport = makeViewport(root);
  const marks = svg("g", { class: "marks", "aria-hidden": "true" });
  plane.append(marks);

  /** The bounding box in coordinates of the picture: Graphviz draws below the axis and moves everything up. */
  function boxOf(element: SVGGElement): Box {
    const { x, y, width, height } = element.getBBox();
    const { e, f } = plane.transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
    return { x: x + e, y: y + f, width, height };
  }

  root.setAttribute("role", "group");
  root.removeAttribute("aria-labelledby");
  root.setAttribute("aria-label", `Picture of ${view.model.environment}`);
  root.setAttribute("aria-describedby", "keys");
  for (const node of view.model.nodes) {
    const element = nodes.get(node.id);
    if (!element) continue;
    const trouble = troubleOf(node);
    element.classList.add("object");
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "-1");
    const written = [...element.querySelectorAll("text")].map((line) => line.textContent).join(" ");
    element.setAttribute("aria-label", [written, kindWords(node.kind), trouble].filter(Boolean).join(", "));
    if (trouble) element.append(badge(element.getBBox()));
  }
  stop([...nodes.values()][0]);

  /** The element of an object. A practice node is a container and is drawn as its host. */
  function elementOf(id: string): SVGGElement | undefined {
    return nodes.get(id) ?? nodes.get(view.model.nodes.find((node) => node.in === id)?.id ?? "");
  }

  function stop(element: SVGGElement | undefined): void {
    for (const each of nodes.values()) each.setAttribute("tabindex", each === element ? "0" : "-1");
  }

  function focus(element: SVGGElement | undefined): void {
    if (!element) return;
    stop(element);
    element.focus({ preventScroll: true });
    viewport.reveal(boxOf(element));
  }

  root.addEventListener("click", (event) => {
    const element = (event.target as Element).closest<SVGGElement>(".object");
    if (!element) return;
    stop(element);
    choose(element.id);
  });

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const towards = TOWARDS[event.key];
    const element = (event.target as Element).closest<SVGGElement>(".object");
    if (towards && event.shiftKey) viewport.pan(towards[0] * PAN, towards[1] * PAN);
    else if (towards && element) focus(nearest(element, [...nodes.values()].filter(isShown), towards, boxOf));
    else if ((event.key === "Enter" || event.key === " ") && element) choose(element.id);
    else if (event.key === "+" || event.key === "=") viewport.zoom(1);
    else if (event.key === "-") viewport.zoom(-1);
    else if (event.key === "0") viewport.whole();
    else return;
    event.preventDefault();
  });
  byId("closer").addEventListener("click", () => viewport.zoom(1));
  byId("farther").addEventListener("click", () => viewport.zoom(-1));
  byId("whole").addEventListener("click", () => viewport.whole());

  let lab: string | undefined;

  function show(state: State, route: Route | undefined): void {
    const onPath = new Set(
      route ? [state.select, ...route.steps.flatMap(({ from, to, link }) => [from, to, link?.id])] : [],
    );
    const elements = new Set(
      [...onPath].flatMap((id) => (id === undefined ? [] : (drawn.get(id) ?? elementOf(id) ?? []))),
    );
    for (const [id, element] of drawn) {
      const known = nodes.has(id) || view.model.links.some((link) => link.id === id);
      element.classList.toggle("dim", known && (!inLab(id) || (route !== undefined && !elements.has(element))));
      element.classList.toggle("on-path", elements.has(element));
      element.classList.remove("against", "broken");
      if (nodes.has(id)) element.setAttribute("aria-pressed", String(id === state.select || id === state.to));
    }
    for (const { link, from } of route?.steps ?? []) {
      if (!link) continue;
      drawn.get(link.id)?.classList.toggle("against", link.from !== from);
      drawn.get(link.id)?.classList.toggle("broken", isCut(link));
    }
    marks.replaceChildren(
      ...ring(state.select, "from"),
      ...ring(state.to, "to"),
      ...(route?.blocked && route.at ? ring(route.at, "blocked") : []),
    );
    const start = state.select === undefined ? undefined : elementOf(state.select);
    if (lab !== state.lab) fitLab(state.lab);
    else if (route) viewport.fit(around([...elements].filter((each) => !each.classList.contains("host")).map(boxOf)));
    else if (start) viewport.reveal(boxOf(start));
    lab = state.lab;

    function inLab(id: string): boolean {
      const link = view.model.links.find((each) => each.id === id);
      return link ? view.inLab(link.from, state.lab) && view.inLab(link.to, state.lab) : view.inLab(id, state.lab);
    }
  }

  function fitLab(lab: string | undefined): void {
    const own = view.model.nodes.filter(({ id, kind }) => kind !== "host" && view.inLab(id, lab));
    const elements = own.flatMap(({ id }) => elementOf(id) ?? []);
    if (lab === undefined || elements.length === 0) viewport.whole();
    else viewport.fit(around(elements.map(boxOf)));
  }

  function ring(id: string | undefined, end: string): SVGElement[] {
    const element = id === undefined ? undefined : elementOf(id);
    if (!element) return [];
    const { x, y, width, height } = element.getBBox();
    return [svg("rect", { class: `ring ${end}`, x: x - 5, y: y - 5, width: width + 10, height: height + 10, rx: 7 })];
  }

  return { show };
}

const isShown = (element: SVGGElement): boolean => !element.classList.contains("dim");

function around(boxes: readonly Box[]): Box {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const [right, bottom] = [Math.max(...boxes.map((b) => b.x + b.width)), Math.max(...boxes.map((b) => b.y + b.height))];
  return { x, y, width: right - x, height: bottom - y };
}

/** A warning sign at a corner. */
const badge = ({ x, y, width }: Box): SVGElement =>
  svg(
    "g",
    { class: "badge", "aria-hidden": "true", transform: `translate(${x + width} ${y})` },
    svg("circle", { r: 7 }),
    svg("path", { d: "M-3 -3L3 3M3 -3L-3 3" }),
  );
