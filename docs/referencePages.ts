import {
  apiReport,
  componentsOf,
  type PublicApi,
  type PublicComponent,
  type PublicItem,
  type PublicMember,
  typesOf,
} from "./api.ts";
import { type ComponentErrors, componentErrors } from "./errors.ts";

/** The files of docs/reference/: a page for each component, one for the other types, the list, and the bare declarations. */
export function referencePages(api: PublicApi): Record<string, string> {
  const [components, types] = [componentsOf(api), typesOf(api)];
  const args = new Set(components.map(({ argsType }) => argsType));
  const others = types.filter(({ name }) => !args.has(name));
  const page = pageWriter(components, others);
  const names = components.map(({ name }) => name);
  return {
    "README.md": index(components),
    "types.md": typesPage(others, page),
    "api.txt": apiReport(api),
    ...Object.fromEntries(
      components.map((component) => {
        const members = types.find(({ name }) => name === component.argsType)?.members ?? [];
        const errors = errorsSection(componentErrors(component.name, names));
        return [`${component.name}.md`, componentPage(component, members, errors, page)];
      }),
    ),
  };
}

const MADE = "<!-- Written by `npm run reference` from the comments in components/. -->";

const index = (components: readonly PublicComponent[]): string =>
  `${MADE}

# Reference

The components of the [npm package](../../components/README.md). Each is \`new NAME(name, args, options)\`. An \`Input<T>\` is a value or
an output of another resource. [Further types](types.md) · [All declarations](api.txt)

| component | what it is |
|---|---|
${components.map(({ name, text }) => `| [\`${name}\`](${name}.md) | ${cell(firstSentence(text))} |`).join("\n")}
`;

const componentPage = (
  { name, text, example, members }: PublicComponent,
  args: readonly PublicMember[],
  errors: string,
  page: Page,
): string =>
  `${MADE}

# ${name}

${linked(text)}

\`\`\`ts
${example}
\`\`\`
${page.members("Arguments", args)}${page.outputs(members)}${errors}
[All components](README.md)
`;

/** Errors, as docs/troubleshooting.md explains them. */
function errorsSection({ rows, runsScripts }: ComponentErrors): string {
  const general = runsScripts
    ? " Errors of every script and connection: [SSH and scripts on hosts](../troubleshooting.md#ssh-and-scripts-on-hosts)."
    : "";
  if (rows.length === 0)
    return `\n## Errors\n\nNone of its own; the Docker provider and the engine report theirs.${general}\n`;
  const moved = (text: string) =>
    text.replaceAll("](#", "](../troubleshooting.md#").replaceAll(/\]\((?=[\w/]+\.md)/g, "](../");
  const table = rows.map(
    ({ text, meaning, fix }) => `| \`${text.replaceAll("|", "\\|")}\` | ${moved(meaning)} | ${moved(fix)} |`,
  );
  return `
## Errors

In addition to those of the providers and of the engine; … stands for inserted values. Names with \`dockernet:\` are settings of
the labs, which set arguments.${general}

| the error says | what it means | what to do |
|---|---|---|
${table.join("\n")}
`;
}

const typesPage = (types: readonly PublicItem[], page: Page): string =>
  `${MADE}

# Types

Types of arguments, and functions. [All components](README.md)
${types
  .map(({ name, text, members, type }) => {
    const definition = type === "" ? "" : `\n\`\`\`ts\n${type}\n\`\`\`\n`;
    return `\n## ${name}\n\n${linked(text)}\n${definition}${page.members("", members)}`;
  })
  .join("")}`;

interface Page {
  readonly members: (title: string, members: readonly PublicMember[]) => string;
  readonly outputs: (members: readonly PublicMember[]) => string;
}

/** Writes the tables of a page; the first public type that the type of a member names is a link. */
function pageWriter(components: readonly PublicComponent[], types: readonly PublicItem[]): Page {
  const places = new Map([
    ...components.map(({ name }) => [name, `${name}.md`] as const),
    ...types.map(({ name }) => [name, `types.md#${name.toLowerCase()}`] as const),
  ]);
  const typeCell = (type: string): string => {
    const code = `\`${type.replaceAll("pulumi.", "").replaceAll(/\s+/g, " ").replaceAll("|", "\\|")}\``;
    const [place] = (type.match(/\w+/g) ?? []).flatMap((word) => places.get(word) ?? []);
    return place === undefined ? code : `[${code}](${place})`;
  };
  const table = (title: string, head: string, rows: readonly string[]) =>
    rows.length === 0 ? "" : `\n${title === "" ? "" : `## ${title}\n\n`}${head}\n${rows.join("\n")}\n`;
  return {
    members: (title, members) =>
      table(
        title,
        `| ${title === "" ? "field" : "argument"} | type | default | meaning |\n|---|---|---|---|`,
        sorted(members).map(
          ({ name, type, byDefault, meaning }) =>
            `| \`${name}\` | ${typeCell(type)} | ${defaultCell(byDefault)} | ${cell(meaning)} |`,
        ),
      ),
    outputs: (members) =>
      table(
        "Outputs",
        "| output | type | meaning |\n|---|---|---|",
        members.map(({ name, type, meaning }) => `| \`${name}\` | ${typeCell(type)} | ${cell(meaning)} |`),
      ),
  };
}

/** Required members first. */
const sorted = (members: readonly PublicMember[]): readonly PublicMember[] => [
  ...members.filter(({ byDefault }) => byDefault === undefined),
  ...members.filter(({ byDefault }) => byDefault !== undefined),
];

/** A default is a value, or a description after a hyphen. */
function defaultCell(byDefault: string | undefined): string {
  if (byDefault === undefined) return "required";
  if (byDefault === "none") return byDefault;
  const [, value = byDefault, reason = ""] = /^(\d+)( \(.+\))$/.exec(byDefault) ?? [];
  return byDefault.startsWith("- ") ? cell(byDefault.slice(2)) : `\`${value.replaceAll("|", "\\|")}\`${reason}`;
}

const cell = (text: string): string => linked(text).replaceAll(/\s+/g, " ").replaceAll("|", "\\|");

/** Text whose names of pages of docs/ are links. */
const linked = (text: string): string => text.replaceAll(/\bdocs\/([\w/-]+\.md)/g, "[docs/$1](../$1)");

/** The first sentence of a text: up to a period before a capital letter or the end. */
const firstSentence = (text: string): string => /^[\s\S]*?(?=\.(\s+[A-Z]|\s*$))/.exec(text)?.[0] ?? text;
