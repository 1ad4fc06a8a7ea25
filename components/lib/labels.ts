import * as pulumi from "@pulumi/pulumi";

/** Labels in the Docker provider's form, sorted so that their order never shows as a change. */
export const labelList = (labels: Readonly<Record<string, string>>): { label: string; value: string }[] =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));

/** Like the above, for labels that may be outputs or undefined. */
export const labelInputs = (labels: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined) =>
  labels && pulumi.output(labels).apply(labelList);

/** Labels in the form of `docker run --label-file`, sorted. */
export const labelLines = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join("\n");
