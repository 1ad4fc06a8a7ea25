import type { ModelNode } from "../../model.ts";
import { h, sign } from "./dom.ts";
import { type Actions, button, factList, type Parts, stateSign } from "./parts.ts";
import type { State } from "./state.ts";
import { factsOf, troubleOf, type View } from "./view.ts";
import { factWords, kindWords, linkFacts, linkWords } from "./words.ts";

/** The panel's view of one object. */
export function makeObject(view: View, { go, pick }: Actions, { name, checkList, command }: Parts) {
  const { live, links, checks } = view.model;

  function connections(state: State, { id, name: own, in: holder }: ModelNode): HTMLElement {
    const items = links
      .filter(({ from, to }) => from === id || to === id)
      .map((link) => {
        const outgoing = link.from === id;
        const far = outgoing ? link.to : link.from;
        const facts = linkFacts(factsOf(link), outgoing, own, view.node(far)?.name ?? far);
        const trouble = troubleOf(link);
        const words = [`${linkWords(link.kind, outgoing)} `, name(far, state), " "];
        const line = h("p", {}, ...words, trouble ? sign("failed", trouble, true) : undefined);
        return h("li", {}, line, facts.length > 0 ? factList(facts) : undefined);
      });
    const inside = holder === undefined ? [] : [h("li", {}, h("p", {}, "inside of ", name(holder, state)))];
    const all = [...inside, ...items];
    return all.length > 0 ? h("ul", { class: "plain" }, ...all) : none("None.");
  }

  return (state: State, node: ModelNode): HTMLElement[] => {
    const about = view.checksOf(node.id);
    const facts = Object.entries(factsOf(node)).map(([key, value]) => [factWords(key), value] as const);
    const toPath = button("Path to…", (event) => pick((event as MouseEvent).detail === 0));
    toPath.id = "pick";
    return [
      h("p", { class: "kicker" }, [kindWords(node.kind), ...(node.lab ? [`lab ${node.lab}`] : [])].join(" · ")),
      h("h2", { tabindex: -1 }, node.name, " ", stateSign(node)),
      h(
        "div",
        { class: "actions" },
        toPath,
        button("Clear", () => go({ lab: state.lab })),
      ),
      command(node),
      h("h3", {}, "Facts"),
      facts.length > 0 ? factList(facts) : none(live ? "None." : "None that the settings fix."),
      h("h3", {}, "Connections"),
      connections(state, node),
      h("h3", {}, "Checks"),
      about.length > 0 ? checkList(about, state) : none(checks.length > 0 ? "None is about it." : "Not made."),
    ];
  };
}

const none = (words: string): HTMLElement => h("p", { class: "note" }, words);
