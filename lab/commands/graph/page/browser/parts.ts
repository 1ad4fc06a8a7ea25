import { quote } from "../../../../../components/lib/quote.ts";
import type { ModelCheck, ModelNode } from "../../model.ts";
import { h, sign } from "./dom.ts";
import type { State } from "./state.ts";
import type { View } from "./view.ts";

/** Actions of the page that the panel can call. */
export interface Actions {
  readonly go: (state: State) => void;
  /** Uses the next object chosen as the other end of a path. */
  readonly pick: (byKeyboard: boolean) => void;
  readonly say: (words: string) => void;
}

/** Building blocks of the panel's views. */
export function makeParts(view: View, { go, say }: Actions) {
  /** A button with the name of an object; selects the object. */
  function name(id: string, state: State): HTMLElement | string {
    const node = view.node(id);
    const click = () => go({ lab: view.inLab(id, state.lab) ? state.lab : undefined, select: id });
    return node ? h("button", { class: "link", type: "button", click }, view.label(node)) : id;
  }

  const checkList = (checks: readonly ModelCheck[], state: State): HTMLElement =>
    h(
      "ul",
      { class: "plain checks" },
      ...checks.map(({ row, title, passed, actual, nodes }) => {
        const result = passed ? "passed" : "failed";
        const others = nodes.filter((id) => id !== state.select);
        const about = others.flatMap((id, index) => [index > 0 ? ", " : "about ", name(id, state)]);
        return h(
          "li",
          {},
          h("p", {}, sign(result, result), h("span", { class: "number" }, row), ` ${title}`),
          h("p", { class: "note" }, actual),
          about.length > 0 ? h("p", { class: "note" }, ...about) : undefined,
        );
      }),
    );

  /** A `lab explain` command for these objects, with a copy button. */
  function command(...objects: readonly ModelNode[]): HTMLElement {
    const text = ["npx lab explain", view.model.environment, ...objects.map((each) => shellWord(each.name))].join(" ");
    const code = h("code", {}, text);
    const label = `Copy the command ${text}`;
    const copy = h("button", { type: "button", "aria-label": label, click: () => void copied() }, "Copy");
    async function copied(): Promise<void> {
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
        say("Copied");
      } catch {
        getSelection()?.selectAllChildren(code);
        say("The command is selected: copy it with Ctrl+C");
      }
    }
    return h("div", { class: "command" }, code, copy);
  }

  return { name, checkList, command };
}
export type Parts = ReturnType<typeof makeParts>;

export const factList = (facts: readonly (readonly [name: string, value: string])[]): HTMLElement =>
  h("dl", {}, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

export const button = (label: string, click: (event: Event) => void): HTMLElement =>
  h("button", { type: "button", click }, label);

/** The state of an object, if it was inspected. */
export function stateSign({ state }: ModelNode): HTMLElement | undefined {
  if (state === "unknown") return undefined;
  return state === "up" ? sign("passed", "up", true) : sign("failed", state, true);
}

/** The colour of a kind of object in the picture. */
export const mark = (kind: ModelNode["kind"]): HTMLElement =>
  h("span", { class: `mark ${kind}`, "aria-hidden": "true" });

/** Quotes a name for a shell: it may contain any character. */
const shellWord = (name: string): string => (/^[\w.:@/-]+$/.test(name) ? name : quote(name));
