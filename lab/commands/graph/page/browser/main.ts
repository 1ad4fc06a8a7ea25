import { byId, h } from "./dom.ts";
import { makeList } from "./list.ts";
import { makePanel } from "./panel.ts";
import { routeBetween } from "./path.ts";
import { makePicture } from "./picture.ts";
import { parseFragment, type State, writeState } from "./state.ts";
import { makeTheme } from "./theme.ts";
import { count, summaryOf, troubleOf, View } from "./view.ts";
import { kindWords } from "./words.ts";

const view = new View(JSON.parse(byId("data").textContent));
/** Whether the next object chosen is the other end of a path. */
let picking = false;

const list = makeList(view, choose);
const picture = makePicture(view, choose);
const panel = makePanel(view, { go, pick, say });
const lab = byId<HTMLSelectElement>("lab");

lab.append(...Object.keys(view.labs).map((name) => h("option", { value: name }, name)));
lab.addEventListener("change", () => go({ ...current(), lab: lab.value || undefined }));
byId("summary").addEventListener("click", () => {
  go({ lab: current().lab });
  byId("panel").querySelector("h2")?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const { to, select, lab } = current();
  if (picking) return pick(false, false);
  if (to !== undefined) return go({ select, lab });
  if (select !== undefined) return go({ lab });
});
window.addEventListener("hashchange", render);
makeTheme();
render();

/** State from the fragment, without objects that do not exist. */
function current(): State {
  const { select, to, lab } = parseFragment(location.hash);
  const known = (id: string | undefined) => view.node(id)?.id;
  return {
    select: known(select),
    to: known(select) === undefined ? undefined : known(to),
    lab: lab !== undefined && lab in view.labs ? lab : undefined,
  };
}

function go(state: State): void {
  picking = false;
  const fragment = writeState(state);
  if (fragment === location.hash.slice(1)) render();
  else location.hash = fragment;
}

function choose(id: string): void {
  const { select, lab } = current();
  if (picking && select !== undefined && select !== id) go({ select, to: id, lab });
  else go({ select: id, lab });
}

function pick(byKeyboard: boolean, on = true): void {
  picking = on;
  document.body.classList.toggle("picking", on);
  const button = document.getElementById("pick");
  if (button) button.textContent = on ? "Choose the other end…" : "Path to…";
  if (!on) return;
  say("Choose the other end of the path, in the list or in the picture. Escape leaves it.");
  if (byKeyboard) list.focus();
}

function render(): void {
  const state = current();
  document.body.classList.remove("picking");
  const route = state.select && state.to ? routeBetween(view, state.select, state.to) : undefined;
  lab.value = state.lab ?? "";
  list.show(state);
  picture.show(state, route);
  panel.show(state);
  const { live, checks } = view.model;
  const failed = checks.some(({ passed }) => !passed);
  byId("summary").className = failed ? "failed" : live ? "passed" : "";
  byId("summary").textContent = `${failed ? "✕ " : live ? "✓ " : ""}${summaryOf(view)}`;
  const asked = parseFragment(location.hash);
  const unknown = [asked.select, asked.to].filter((id) => id !== undefined && !view.node(id));
  byId("unknown").textContent = unknown.length > 0 ? `This environment has no object ${unknown.join(" and no ")}.` : "";
  say(words(state));
}

function words({ select, to }: State): string {
  const [from, end] = [view.node(select), view.node(to)];
  if (!from) return "";
  if (!end) return [`${from.name}, ${kindWords(from.kind)}`, troubleOf(from)].filter(Boolean).join(", ");
  const { steps, blocked, broken } = routeBetween(view, from.id, end.id);
  const verdict = blocked
    ? `No path: ${blocked}`
    : `${count(steps.length, "hop")}${broken.length > 0 ? ", broken" : ""}`;
  return `Path from ${view.label(from)} to ${view.label(end)}. ${verdict}`;
}

/** Announces a text to screen readers. */
function say(text: string): void {
  byId("said").textContent = text;
}
