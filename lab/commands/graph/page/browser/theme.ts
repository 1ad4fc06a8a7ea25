import { byId } from "./dom.ts";

const KEY = "dockernet.theme";

/** The switch between light and dark, which begins with what the system prefers and remembers what was chosen. */
export function makeTheme(): void {
  const button = byId("theme");
  const preferred = matchMedia("(prefers-color-scheme: dark)");
  let chosen = remembered();
  button.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    remember(chosen);
    show();
  });
  preferred.addEventListener("change", show);
  show();

  function isDark(): boolean {
    return chosen === undefined ? preferred.matches : chosen === "dark";
  }

  function show(): void {
    if (chosen !== undefined) document.documentElement.dataset.theme = chosen;
    button.setAttribute("aria-pressed", String(isDark()));
  }
}

/** A browser may keep nothing for a file, and says so by an error. */
function remembered(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It is for this page alone, then.
  }
}
