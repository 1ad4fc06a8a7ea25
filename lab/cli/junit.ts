import { XMLBuilder } from "fast-xml-parser";
import type { Result } from "../checks/verify.ts";

/** Formats results as JUnit XML: one suite per lab, one case per check, times in seconds. */
export function resultJunit(environment: string, results: readonly Result[]): string {
  const labs = [...new Set(results.map(({ check }) => check.lab))];
  const suite = (lab: string) => {
    const own = results.filter(({ check }) => check.lab === lab);
    return {
      ...attributes({ name: lab, ...totals(own) }),
      testcase: own.map((result) => testcase(environment, result)),
    };
  };
  const root = { ...attributes({ name: environment, ...totals(results) }), testsuite: labs.map(suite) };
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: MARK, format: true });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ testsuites: root })}`.trimEnd();
}

function testcase(environment: string, { check, passed, actual, ms }: Result) {
  const name = `${check.id}: ${check.title}`;
  const head = attributes({ classname: `${environment}.${check.lab}`, name, time: seconds(ms) });
  if (passed) return head;
  const hint = `npx lab explain ${environment} ${check.id}`;
  return { ...head, failure: { ...attributes({ type: check.kind, message: actual }), "#text": clean(hint) } };
}

const totals = (results: readonly Result[]) => ({
  tests: results.length,
  failures: results.filter(({ passed }) => !passed).length,
  time: seconds(results.reduce((sum, { ms }) => sum + ms, 0)),
});

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

const MARK = "@";
const attributes = (values: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [MARK + key, clean(String(value))]));

/** Removes the characters that XML 1.0 cannot represent (section 2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const clean = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
