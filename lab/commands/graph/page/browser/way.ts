import type { ModelNode } from "../../model.ts";
import { h, sign } from "./dom.ts";
import { type Actions, button, factList, type Parts, stateSign } from "./parts.ts";
import { type Route, routeBetween, type Step } from "./path.ts";
import type { State } from "./state.ts";
import type { View } from "./view.ts";

/** The panel's view of a path, in both directions. */
export function makeWay(view: View, { go }: Actions, { name, command }: Parts) {
  function way(state: State, from: ModelNode, { steps, blocked, at, broken }: Route): HTMLElement[] {
    const end = (id: string) => (blocked !== undefined && id === at ? sign("failed", "no further", true) : undefined);
    const hop = ({ to, by, facts, trouble }: Step) =>
      h(
        "li",
        {},
        h("p", { class: "by" }, by),
        facts.length > 0 ? factList(facts) : undefined,
        h("p", {}, name(to, state), " ", trouble ? sign("failed", trouble, true) : undefined, end(to)),
      );
    const verdicts = [...(blocked ? [`No path: ${blocked}.`] : []), ...broken.map((each) => `Broken: ${each}.`)];
    return [
      ...verdicts.map((verdict) => h("p", { class: "verdict" }, sign("failed", ""), verdict)),
      h(
        "ol",
        { class: "hops" },
        h("li", {}, h("p", {}, name(from.id, state), " ", stateSign(from), end(from.id))),
        ...steps.map(hop),
      ),
    ];
  }

  return (state: State, from: ModelNode, to: ModelNode): HTMLElement[] => {
    const swap = button("Swap ends", () => go({ ...state, select: to.id, to: from.id }));
    const close = button("Close path", () => go({ ...state, to: undefined }));
    return [
      h("p", { class: "kicker" }, "path"),
      h("h2", { tabindex: -1 }, view.label(from), " → ", view.label(to)),
      h("div", { class: "actions" }, swap, close),
      command(from, to),
      h("h3", {}, "There"),
      ...way(state, from, routeBetween(view, from.id, to.id)),
      h("h3", {}, "Back"),
      ...way(state, to, routeBetween(view, to.id, from.id)),
    ];
  };
}
