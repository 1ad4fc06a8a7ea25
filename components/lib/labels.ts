import * as pulumi from "@pulumi/pulumi";

/** A record of labels in the form that the Docker provider takes, sorted so that their order never shows as a change. */
export const labelList = (labels: Readonly<Record<string, string>>): { label: string; value: string }[] =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));

/** The same of labels that may be outputs, or left out. */
export const labelInputs = (labels: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined) =>
  labels && pulumi.output(labels).apply(labelList);

/** A record of labels in the form that `docker run --label-file` takes, sorted as well. */
export const labelLines = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join("\n");
