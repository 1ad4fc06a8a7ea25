import { defaultPort, defaultSubnet, type Identity, objectName } from "../components/lib/identity.ts";
import { hostInterfaces } from "../stacks/unlabelled.ts";

/** Properties of an environment on a host that the lessons' commands and their output depend on. */
export interface LessonEnvironment {
  readonly identity: Identity;
  /** Ports of the host that are forwarded to `web` and to `flask-redis`. */
  readonly published: readonly [web: number, counter: number];
  /** Prefix of the addresses on docker0, for example `172.17.0.` */
  readonly docker0: string;
}

/** The environment of a page, and the one in which its commands run now. */
export interface Journey {
  readonly from: LessonEnvironment;
  readonly to: LessonEnvironment;
}

/** Numbers of labs; an environment has a block and a port for each. */
const SHARES = Array.from({ length: 16 }, (_, lab) => lab);
/** The command inside a `docker exec`: names and ports there are the container's own. */
const INSIDE = /(?<=docker exec \S+ )[^|)$]+/g;

/**
 * A command of a page, translated for this environment. `bases` are the tutorial's names of the environment's objects.
 */
export function outbound(command: string, { from, to }: Journey, bases: readonly string[]): string {
  const insides = command.match(INSIDE) ?? [];
  const outside = command.split(INSIDE).map((part) => {
    const named = part.replace(/[\w-]+/g, (word) => {
      const base = bases.find((each) => objectName(from.identity, each) === word);
      return base === undefined ? word : objectName(to.identity, base);
    });
    return named.replace(/(?<=127\.0\.0\.1:|--dport )\d+\b/g, (port) => {
      const index = from.published.indexOf(Number(port));
      return index < 0 ? port : String(to.published[index]);
    });
  });
  return translate(outside.map((part, index) => part + (insides[index] ?? "")).join(""), from, to);
}

/** Output of a command, translated back to the page's environment. */
export function inbound(output: string, { from, to }: Journey): string {
  const named = output.replaceAll(objectName(to.identity, ""), objectName(from.identity, ""));
  const ported = to.published.reduce((sum, port, index) => replace(sum, `${port}`, `${from.published[index]}`), named);
  return translate(ported, to, from);
}

/** Replaces values that always differ between the two: blocks, ports, an interface, the environment's name. */
function translate(text: string, from: LessonEnvironment, to: LessonEnvironment): string {
  const others = wordsOf(to);
  return wordsOf(from).reduce((sum, word, index) => replace(sum, word, others[index] ?? ""), text);
}

const wordsOf = ({ identity, docker0 }: LessonEnvironment): string[] => [
  ...SHARES.map((lab) => defaultSubnet(identity, lab).replace(/\d+\/\d+$/, "")),
  ...SHARES.map((lab) => String(defaultPort(identity, lab))),
  docker0,
  ...hostInterfaces(identity),
  `Pulumi.${identity.stack}.yaml`,
  identity.stack,
];

/** Matches only whole words; a prefix of an address ends with its dot. */
const replace = (text: string, word: string, other: string): string =>
  text.replace(
    new RegExp(`(?<![\\w.])${word.replaceAll(".", "\\.")}${word.endsWith(".") ? "" : "(?!\\w)"}`, "g"),
    other,
  );

/**
 * Values that differ in each run, and their replacement; `true` numbers distinct values, so that equal ones stay equal.
 */
const PASSING: readonly (readonly [pattern: RegExp, stand: string | true])[] = [
  [/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, "ID"],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "MAC"],
  [/(?<=\bnet:\[)\d+(?=\])/g, true],
  [/\bveth[0-9a-f]{7}\b/g, true],
  [/^\d+(?=: )|(?<=@if)\d+/g, true],
  // The id depends on the namespaces that the host has seen before.
  [/(?<=link-netnsid )\d+/g, "N"],
  [/(?<=seen )\d+(?= times)|(?<=numbers from )\d+|(?<=numbers from \d+ to )\d+|^[1-9]\d*$/g, true],
  // A container that is reconnected to a network gets eth1, and then eth2.
  [/\beth\d\b/g, "ethN"],
  [/\b\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ/g, "TIME"],
  [/(?<=time=)[\d.]+ ms|(?<=, time )\d+ms|(?<=rtt .* = )[\d./]+ ms|(?<=after )\d+ ms/g, "TIME"],
  [/(?<=\s)\S+(?:, \S+)+ and \d+ more$/g, "INTERFACES"],
  // Addresses of containers, which the engine chooses; not those of blocks and bridges.
  [/(?<=\b(?:10\.\d+\.\d+|172\.17\.0)\.)(?![01]\b)\d+/g, "N"],
  [/[ \t]+/g, " "],
  // A link repeats a container's name if its name on the engine differs.
  [/(?<= )(\S+)(?: \1)+$/g, "$1"],
];

/** The first line in which two texts of a page differ, ignoring values that differ in each run; undefined if none. */
export function difference(page: string, now: string): string | undefined {
  const [written, found] = [page.split("\n"), now.split("\n")];
  const [a, b] = [comparable(written), comparable(found)];
  const index = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find((i) => a[i] !== b[i]);
  return index === undefined
    ? undefined
    : `on the page: ${written[index] ?? "nothing"}\nnow:         ${found[index] ?? "nothing"}`;
}

function comparable(lines: readonly string[]): string[] {
  const known = PASSING.map(() => new Map<string, string>());
  return lines.map((line) =>
    PASSING.reduce((sum, [pattern, stand], index) => {
      if (stand !== true) return sum.replace(pattern, stand);
      return sum.replace(pattern, (found) => {
        const seen = known[index] as Map<string, string>;
        if (!seen.has(found)) seen.set(found, `#${seen.size + 1}`);
        return seen.get(found) ?? "";
      });
    }, line),
  );
}
