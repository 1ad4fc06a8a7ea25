import { readFileSync } from "node:fs";

const [frame = "", verbs = ""] = ["frame.sh", "verbs.sh"].map((file) =>
  readFileSync(new URL(file, import.meta.url), "utf8"),
);

/** A script that defines `check`, `up` and `down`, plus the code that runs one of them (verbs.sh). */
export const withVerbs = (script: string): string => [script, frame, verbs].join("\n");
