import { byId } from "./dom.ts";

const KEY = "dockernet.theme";

/** The switch between light and dark: starts with the system's preference and remembers the user's choice. */
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

/** A browser may refuse to store data for a local file, with an error. */
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
    // The choice then lasts for this visit only.
  }
}
