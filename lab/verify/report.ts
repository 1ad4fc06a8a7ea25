import { isIPv4 } from "node:net";
import type { Check } from "../../stacks/checks.ts";
import { table } from "../table.ts";
import type { Result } from "./verify.ts";

export const resultTable = (results: readonly Result[]): string =>
  table([
    ["ROW", "RESULT", "CHECK", "FOUND"],
    ...results.map(({ check, passed, found }) => [check.row, passed ? "passed" : "FAILED", check.says, found]),
  ]);

export const resultJson = (results: readonly Result[]): string =>
  JSON.stringify(
    results.map(({ check: { id, row, lab, says }, passed, found, ms }) => ({ id, row, lab, says, passed, found, ms })),
    undefined,
    2,
  );

export const tally = (results: readonly Result[]): string => {
  const failed = results.filter(({ passed }) => !passed).length;
  return `${results.length - failed} passed, ${failed} failed`;
};

/** The tally, and after failures how to go on. */
export function conclusion(environment: string, results: readonly Result[]): string {
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length === 0) return tally(results);
  const hints = failed.map(({ check }) => `hint: ${check.id}: npx lab explain ${environment} ${objectOf(check)}`);
  return [...hints, "", `${tally(results)}; back to green: npx lab recover ${environment}`].join("\n");
}

/** The object that tells most about a check: what it is aimed at, else where it starts. */
export function objectOf(check: Check): string {
  switch (check.kind) {
    case "ping":
    case "tcp":
    case "http":
    case "counts": {
      const { to } = check;
      if ("container" in to) return to.container;
      if ("gateway" in to) return to.gateway;
      const published = "port" in check && to.of === undefined && isIPv4(to.address);
      return published ? `${to.address}:${check.port}` : to.address;
    }
    case "dns":
      return check.from.container;
    case "interface":
    case "interfaces":
    case "stack":
    case "driver":
      return placeOf(check.at);
    case "versions":
      return check.hosts[0] ?? "";
    case "shared":
    case "stored":
    case "duplicate":
    case "vxlan":
      return check.network;
    case "process":
    case "quorum":
    case "store":
      return check.on;
    case "bridged":
    case "attached":
    case "private":
    case "published":
    case "environment":
      return check.container;
  }
}

const HERE = "127.0.0.1";

function placeOf(source: Extract<Check, { kind: "interfaces" }>["at"]): string {
  if (source === "host") return HERE;
  if ("host" in source) return source.host;
  return "namespace" in source ? source.namespace : source.container;
}
