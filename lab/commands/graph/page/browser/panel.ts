import { byId, h, sign } from "./dom.ts";
import { makeObject } from "./object.ts";
import { type Actions, makeParts, mark } from "./parts.ts";
import type { State } from "./state.ts";
import { summaryOf, type View } from "./view.ts";
import { makeWay } from "./way.ts";
import { kindWords, NODE_KIND_ORDER } from "./words.ts";

/** The panel beside the picture: the whole environment, an object, or a path. */
export function makePanel(view: View, actions: Actions) {
  const panel = byId("panel");
  const { nodes, checks, live } = view.model;
  const parts = makeParts(view, actions);
  const object = makeObject(view, actions, parts);
  const way = makeWay(view, actions, parts);

  function show(state: State): void {
    const [from, to] = [view.node(state.select), view.node(state.to)];
    panel.replaceChildren(...(from && to ? way(state, from, to) : from ? object(state, from) : overview(state)));
    byId("side").scrollTop = 0;
  }

  function overview(state: State): HTMLElement[] {
    const failed = checks.filter(({ passed, lab }) => !passed && (state.lab ?? lab) === lab);
    const labs = [...new Set(checks.map(({ lab }) => lab))].filter(
      (lab) => state.lab === undefined || lab === state.lab,
    );
    return [
      h("h2", { tabindex: -1 }, summaryOf(view)),
      live ? h("p", {}, HOW) : h("p", {}, "This is the topology of the settings; the hosts were not inspected. ", HOW),
      ...(failed.length > 0 ? [h("h3", {}, "Failed"), parts.checkList(failed, state)] : []),
      ...(labs.length > 0 ? [h("h3", {}, "Checks by lab")] : []),
      ...labs.map((lab) => ofLab(lab, state)),
      h("h3", {}, "Legend"),
      legend(),
    ];
  }

  function ofLab(lab: string, state: State): HTMLElement {
    const all = checks.filter((check) => check.lab === lab);
    const failed = all.filter(({ passed }) => !passed).length;
    const result =
      failed > 0
        ? sign("failed", `${failed} of ${all.length} failed`, true)
        : sign("passed", `${all.length} passed`, true);
    return h("details", {}, h("summary", {}, `${lab} `, result), parts.checkList(all, state));
  }

  function legend(): HTMLElement {
    const kinds = NODE_KIND_ORDER.filter((kind) => nodes.some((node) => node.kind === kind));
    const items = kinds.map((kind) => h("li", {}, mark(kind), kindWords(kind)));
    return h("ul", { class: "plain legend" }, ...items, h("li", {}, sign("failed", ""), "something is wrong"));
  }

  return { show };
}

const HOW = "Choose an object, in the list or in the picture.";
