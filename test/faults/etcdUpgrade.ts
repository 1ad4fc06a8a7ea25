import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../toolchain/run.ts";
import { KEEPS, underWrites } from "./etcd.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import type { NodesLab } from "./worlds.ts";

const VERSION = "3.5.99";
const ARCHIVE = "/root/etcd.tar.gz";
const PROGRAMS = {
  etcd: `#!/bin/sh\nif [ "$1" = --version ]; then echo "etcd Version: ${VERSION}"; else echo "exec format error"; exit 1; fi\n`,
  etcdctl: '#!/bin/sh\nexec /usr/bin/etcdctl "$@"\n',
};

/** Puts an archive onto each node whose etcd does not start; returns it as a setting. */
async function brokenArchive(lab: NodesLab) {
  const work = mkdtempSync(join(tmpdir(), "dockernet-etcd-"));
  mkdirSync(join(work, "etcd"));
  for (const [name, text] of Object.entries(PROGRAMS)) {
    writeFileSync(join(work, "etcd", name), text, { mode: 0o755 });
  }
  const file = join(work, "etcd.tar.gz");
  await run("tar", ["--create", "--gzip", "--file", file, "--directory", work, "etcd"]);
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  for (const node of [1, 2, 3]) await run("docker", ["cp", file, `${lab.node(node)}:${ARCHIVE}`]);
  rmSync(work, { recursive: true });
  return { version: VERSION, url: `file://${ARCHIVE}`, sha256: { amd64: sha256, arm64: sha256 } };
}

export const upgradeFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R41",
    title: "etcd upgraded to a program that does not start, under writes",
    protects: KEEPS,
    inject: async (lab) => {
      let printed = "";
      const incident = await underWrites(async () => {
        const archive = await brokenArchive(lab);
        lab.environment.settle({ labs: ["overlay"], overlay: { nodes: 3, archive } });
        const { code, text } = await lab.up();
        assert.notEqual(code, 0, text);
        printed = text;
        return async () => undefined;
      }, 0)(lab);
      return { ...incident, said: `${printed}\n${incident.said}` };
    },
    says: [
      /etcd member docker-node\d: it does not stay up/,
      /the previous configuration was restored/,
      /unchanged, since the change of docker-node\d failed/,
      /\d+ passed, 0 failed/,
    ],
    way: "pulumi up",
    heal: async (lab) => {
      lab.environment.settle(lab.settings);
      await must(lab.up());
    },
  },
];
