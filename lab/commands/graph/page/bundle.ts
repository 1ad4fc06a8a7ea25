import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename } from "node:path";

const IMPORT = /^import \{([^}]*)\} from "([^"]*)";$/gm;
const EXPORT = /^export (?=(?:async )?(?:function|const|class) (\w+))/gm;

/**
 * A module and all that it imports as one script for a browser, without types. Each module is a function of its own, so that
 * none sees another's names. Modules may import values from files of this project only, and only by name.
 */
export function bundle(entry: URL): string {
  const names = new Map<string, string>();
  const modules: string[] = [];
  const add = (file: URL): string => {
    const known = names.get(file.href);
    if (known !== undefined) return known;
    const name = `${basename(file.pathname, ".ts").replace(/\W/g, "_")}_${names.size}`;
    names.set(file.href, name);
    const source = stripTypeScriptTypes(readFileSync(file, "utf8"));
    const imported = source.replace(IMPORT, (_, list: string, from: string) => {
      if (!from.startsWith(".")) throw new Error(`${file.pathname}: a browser has no module ${from}`);
      return `const {${list.replaceAll(" as ", ": ")}} = ${add(new URL(from, file))};`;
    });
    const exported = [...imported.matchAll(EXPORT)].map(([, each]) => each);
    const body = imported
      .replace(EXPORT, "")
      .replace(/\n\s*\n+/g, "\n")
      .trim();
    if (/^(import|export) /m.test(body)) throw new Error(`${file.pathname}: an import or export that is not by name`);
    modules.push(`const ${name} = (() => {\n${body}\nreturn { ${exported.join(", ")} };\n})();`);
    return name;
  };
  add(entry);
  return `"use strict";\n${modules.join("\n")}\n`;
}
