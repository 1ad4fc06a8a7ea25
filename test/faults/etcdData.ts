import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PUT_ENDPOINT_BACK, TAKE_ENDPOINT } from "../integration/storedEndpoint.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import type { NodesLab } from "./worlds.ts";

const unit = (number: number) => `dockernet-etcd-docker-node${number}`;
const folder = (number: number) => `/var/lib/private/${unit(number)}`;
const sh = (lab: NodesLab, number: number, script: string) => lab.on(number, "sh", "-c", script);

/** Backup file of each world; a world has one lab. */
const files = new WeakMap<object, string>();

/** Writes a backup into a new temporary folder. */
async function backedUp(lab: NodesLab): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), "dockernet-backup-")), "etcd.tar");
  await must(lab.ask("backup", file));
  files.set(lab.environment, file);
  return file;
}

const restored = async (lab: NodesLab): Promise<void> => {
  const file = files.get(lab.environment) ?? "";
  await must(lab.ask("restore", file, "--yes"));
  rmSync(join(file, ".."), { recursive: true });
};

/** Output of `lab verify` and of `lab explain` for a host's member while something is wrong. */
export async function told(lab: NodesLab, number: number): Promise<string> {
  const { code, text } = await lab.ask("verify", "--only", "9.3");
  assert.equal(code, 1, text);
  return `${text}\n${(await lab.ask("explain", `9.3-health-docker-node${number}`)).text}`;
}

/** Changes the data of members while they are stopped. */
async function changed(lab: NodesLab, numbers: readonly number[], script: (number: number) => string) {
  await Promise.all(
    numbers.map(async (number) => {
      await sh(
        lab,
        number,
        `systemctl stop ${unit(number)}; ${script(number)}; systemctl start --no-block ${unit(number)}`,
      );
    }),
  );
  await setTimeout(5_000);
}

const RESTORE = "lab restore ENV FILE --yes";
const KEYS = "each key of the backup";

export const lostData: readonly Fault<NodesLab>[] = [
  {
    id: "R30",
    title: "data of one etcd member lost",
    protects: "etcd's keys and the network's id, on the other members",
    inject: async (lab) => {
      await changed(lab, [2], (number) => `rm -rf ${folder(number)}/data/member`);
      return { said: await told(lab, 2) };
    },
    says: [/docker-node2/],
    way: "lab recover ENV --yes",
    heal: (lab) => must(lab.ask("recover", "--yes")),
  },
  {
    id: "R31",
    title: "data of most etcd members lost",
    protects: KEYS,
    inject: async (lab) => {
      await backedUp(lab);
      await changed(lab, [2, 3], (number) => `rm -rf ${folder(number)}/data/member`);
      return { said: await told(lab, 1) };
    },
    says: [/no quorum: \d of 3 members answer docker-node1/],
    way: RESTORE,
    heal: restored,
  },
];

/** Ways to damage a backup file, each with the expected error. */
const damages: readonly (readonly [damage: (good: Buffer) => Buffer, says: RegExp])[] = [
  [() => Buffer.alloc(0), /it is empty/],
  [(good) => good.subarray(0, good.length / 2), /it ends too early/],
  [
    (good) => Buffer.from(good.toString("latin1").replace(/"etcd": "3\.4/, '"etcd": "3.5'), "latin1"),
    /was taken from etcd 3\.5/,
  ],
  [
    (good) => Buffer.from(good.map((byte, at) => (at === 8192 ? byte ^ 1 : byte))),
    /is damaged: its SHA-256 is not the manifest's/,
  ],
];

/** Stops test13, and puts its endpoint back into the store, as a host does that crashes while etcd does not answer. */
const LEAVE_ENDPOINT = `${TAKE_ENDPOINT}; docker stop --time 1 test13 && ${PUT_ENDPOINT_BACK} && ! docker start test13`;

export const overlayDataFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R71",
    title: "endpoint of a stopped container left in the cluster store by a crash",
    protects: "etcd's keys and the network's id",
    inject: async (lab) => {
      await sh(lab, 2, LEAVE_ENDPOINT);
      return { said: (await lab.ask("recover")).text };
    },
    says: [
      /a crash, or a stop without a quorum of etcd, has left endpoints in the cluster store, so that no container can have their names: test13 on docker-node2/,
    ],
    way: "lab recover --yes",
    heal: async (lab) => {
      await must(lab.ask("recover", "--yes"));
    },
  },
  {
    id: "R32",
    title: "etcd backup corrupt, empty, or of another version",
    protects: "the live data",
    inject: async (lab) => {
      const file = await backedUp(lab);
      const good = readFileSync(file);
      const ids = () => sh(lab, 1, "ETCDCTL_API=3 etcdctl member list; pidof etcd");
      const before = await ids();
      let said = "";
      for (const [damage, says] of damages) {
        writeFileSync(file, damage(good));
        const { code, text } = await lab.ask("restore", file, "--yes", "--overwrite");
        assert.equal(code, 2, text);
        assert.match(text, says);
        said += `${text}\n`;
      }
      assert.equal(await ids(), before);
      rmSync(join(file, ".."), { recursive: true });
      return { said };
    },
    says: damages.map(([, says]) => says),
    way: "nothing",
  },
  {
    id: "R33",
    title: "etcd's disk full",
    protects: "committed keys",
    inject: async (lab) => {
      const small = `mv ${folder(2)}/data ${folder(2)}/kept; mkdir ${folder(2)}/data; mount -t tmpfs -o size=300m tmpfs ${folder(2)}/data;
        cp -a ${folder(2)}/kept/. ${folder(2)}/data; chown --reference=${folder(2)}/kept ${folder(2)}/data`;
      await changed(lab, [2], () => small);
      await sh(lab, 2, `dd if=/dev/zero of=${folder(2)}/data/filler bs=1M 2>/dev/null || true`);
      const said = await told(lab, 2);
      const moved = `rm -r ${folder(2)}/kept ${folder(2)}/data/filler; cp -a ${folder(2)}/data ${folder(2)}/kept;
        umount ${folder(2)}/data; rmdir ${folder(2)}/data; mv ${folder(2)}/kept ${folder(2)}/data`;
      return { said, end: () => changed(lab, [2], () => moved) };
    },
    says: [
      /\d MB free in \/var\/lib\/dockernet-etcd-docker-node2.*, and etcd needs 128 MB/,
      /on docker-node2: free disk space/,
    ],
    way: "nothing",
  },
  {
    id: "R34",
    title: "etcd's quota reached",
    protects: "keys; the v2 API still writes",
    inject: async (lab) => {
      const dropIn = (number: number) => `/run/systemd/system/${unit(number)}.service.d`;
      await changed(
        lab,
        [1, 2],
        (number) =>
          `mkdir ${dropIn(number)}; printf '[Service]\nEnvironment=ETCD_QUOTA_BACKEND_BYTES=16777216\n' >${dropIn(number)}/quota.conf; systemctl daemon-reload`,
      );
      const refused = await sh(
        lab,
        1,
        `head -c 1000000 /dev/zero | tr '\\0' x >/tmp/value
        for _ in $(seq 40); do ETCDCTL_API=3 etcdctl put fill </tmp/value 2>&1 >/dev/null || break; done; rm /tmp/value`,
      );
      assert.match(refused, /database space exceeded/);
      await sh(lab, 1, "ETCDCTL_API=2 etcdctl set /written yes; ETCDCTL_API=2 etcdctl rm /written");
      return {
        said: await told(lab, 1),
        end: () =>
          Promise.all([1, 2].map((number) => sh(lab, number, `rm -r ${dropIn(number)}; systemctl daemon-reload`))),
      };
    },
    says: [
      /alarm NOSPACE: the database has \d+ MB of its quota of 16 MB, and the v3 API refuses writes/,
      /Fix: +npx lab recover/,
    ],
    way: "lab recover ENV --yes",
    heal: async (lab) => {
      await must(lab.ask("recover", "--yes"));
      await sh(lab, 1, "ETCDCTL_API=3 etcdctl del fill");
    },
  },
  {
    id: "R35",
    title: "etcd's data corrupt",
    protects: KEYS,
    inject: async (lab) => {
      await backedUp(lab);
      await changed(
        lab,
        [2],
        (number) =>
          `for wal in ${folder(number)}/data/member/wal/*.wal; do printf X | dd of="$wal" bs=1 seek=300 conv=notrunc 2>/dev/null; done`,
      );
      return { said: await told(lab, 2) };
    },
    says: [/no quorum: 1 of 2 members/, /etcd does not work with the data in .*docker-node2/, /Fix: +npx lab restore/],
    way: RESTORE,
    heal: restored,
  },
];
