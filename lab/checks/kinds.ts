import { Check } from "../../stacks/checks.ts";
import type { CheckKind, Kind } from "./kind.ts";

type Kinds = { readonly [K in Kind]: CheckKind<K> };

const load = async (kind: Kind) => [kind, (await import(`./kinds/${kind}.ts`)).default] as const;

/** Kinds of checks, by name: those of the schema, each defined in its file. */
export const CHECK_KINDS = Object.fromEntries(
  await Promise.all(Check.options.map(({ shape }) => load(shape.kind.value))),
) as Kinds;

/** Returns the kind of a check, cast so that it accepts that check. */
export const kindOf = ({ kind }: Check) => CHECK_KINDS[kind] as unknown as CheckKind<Kind>;
