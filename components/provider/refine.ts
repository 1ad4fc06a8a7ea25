import type * as pulumi from "@pulumi/pulumi";
import type { Host, SshHost } from "../host-script/HostScript.ts";
import { packagedImage } from "../packagedImage.ts";
import { PracticeNode } from "../practice-node/PracticeNode.ts";
import { argumentProblem } from "./argumentProblem.ts";

/** The components that this provider has created, by URN. */
export type Built = ReadonlyMap<string, pulumi.ComponentResource>;

type Fields = Readonly<Record<string, unknown>>;

/** Converters for objects of the schema that are not types of the classes, by name. */
export const REFINED: Readonly<Record<string, (fields: Fields, path: string, built: Built) => unknown>> = {
  Host: hostOf,
  ServiceImageSource: imageSourceOf,
  EtcdClusterSource: etcdSourceOf,
};

/** Fields that only a host of kind ssh has. */
const SSH_FIELDS = ["bootSec", "connection", "gone", "jump", "keyFile", "name", "node", "slowness", "sudo"];

function hostOf(fields: Fields, path: string, built: Built): Host {
  if (fields.kind === "local") {
    const wrong = SSH_FIELDS.find((field) => fields[field] !== undefined);
    if (wrong) throw argumentProblem(`${path}.${wrong}`, "only for a host of kind ssh");
    return { kind: "local" };
  }
  if (fields.kind !== "ssh") {
    throw argumentProblem(`${path}.kind`, `expected local or ssh, got ${JSON.stringify(fields.kind)}`);
  }
  if (fields.node !== undefined) {
    const node = built.get(String(fields.node));
    if (node instanceof PracticeNode) return fields.sudo ? node.userHost : node.host;
    throw argumentProblem(
      `${path}.node`,
      "expected the output host or userHost of a PracticeNode in this program, with the same provider",
    );
  }
  requireFields(fields, path, ["connection"], "a host of kind ssh");
  return fields as unknown as SshHost;
}

function imageSourceOf(fields: Fields, path: string): unknown {
  const { reference, packaged, base } = fields;
  if (packaged !== undefined) {
    if (packaged !== "web" && packaged !== "box" && packaged !== "node") {
      throw argumentProblem(`${path}.packaged`, `expected web, box or node, got ${JSON.stringify(packaged)}`);
    }
    return packagedImage(packaged, base as string | undefined);
  }
  if (reference === undefined) {
    requireFields(fields, path, ["repository", "context", "base"], "an image without reference or packaged");
  }
  return fields;
}

function etcdSourceOf(fields: Fields, path: string): unknown {
  if (fields.kind === "archive") requireFields(fields, path, ["version"], "a source of kind archive");
  return fields;
}

function requireFields(fields: Fields, path: string, required: readonly string[], of: string): void {
  const missing = required.find((field) => fields[field] === undefined);
  if (missing) throw argumentProblem(`${path}.${missing}`, `missing; ${of} requires it`);
}
