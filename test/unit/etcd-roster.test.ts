import assert from "node:assert/strict";
import { readRoster, rosterLine } from "../../components/lib/etcdMembership.ts";
import { run } from "../../toolchain/run.ts";

const SCRIPT = new URL("../../components/etcd-cluster/roster.sh", import.meta.url);
const TOKEN = "etcd-cluster-0123456789ab";

const member = (number: number, hostId: string, { address = `10.0.0.${number}`, made = true } = {}) => {
  const place = { memberName: `node${number}`, address, clientPort: 2379, peerPort: 2380 };
  return rosterLine({ ...place, hostId, made });
};

/** Runs the script for these members; `last` is what it printed the last time. */
const roster = (members: readonly string[], last = "") =>
  run("sh", ["-c", '. "$0" && up', SCRIPT.pathname], {
    env: { ...process.env, MEMBERS: members.join("\n"), TOKEN, PULUMI_COMMAND_STDOUT: last },
  });

describe("the roster of an etcd cluster", () => {
  const both = [member(1, "a"), member(2, "b")];

  it("says that a cluster is the first one, and that it may be alive from then on", async () => {
    const first = await roster(both);
    assert.deepEqual(readRoster(first), { exists: false, alone: "", former: [] });
    assert.deepEqual(readRoster(await roster(both, first)), { exists: true, alone: "", former: [] });
  });

  it("names the survivor of two, and goes on naming it", async () => {
    const lost = await roster([member(1, "a"), member(2, "c")], await roster(both));
    assert.equal(readRoster(lost).alone, "node1 lost-b");
    const later = await roster([member(1, "a"), member(2, "c")], lost);
    assert.deepEqual(readRoster(later), { exists: true, alone: "node1 lost-b", former: [] });
    assert.equal(readRoster(await roster([member(1, "d"), member(2, "c")], later)).alone, "node2 lost-a");
  });

  it("names no survivor if the others have a quorum, if members are removed, or if a host is not one of Pulumi's", async () => {
    const three = [...both, member(3, "c")];
    const before = await roster(three);
    assert.equal(readRoster(await roster([member(1, "x"), ...three.slice(1)], before)).alone, "");
    assert.equal(readRoster(await roster(three.slice(0, 1), before)).alone, "");
    const own = [member(1, "a", { made: false }), member(2, "b", { made: false })];
    assert.equal(
      readRoster(await roster([member(1, "x", { made: false }), own[1] ?? ""], await roster(own))).alone,
      "",
    );
  });

  it("says that a cluster is gone if the hosts of all members were replaced, with their addresses or without", async () => {
    const before = await roster(both);
    assert.equal(readRoster(await roster([member(1, "x"), member(2, "y")], before)).exists, false);
    const moved = [member(1, "x", { address: "10.0.1.1" }), member(2, "y", { address: "10.0.1.2" })];
    assert.equal(readRoster(await roster(moved, before)).exists, false);
  });

  it("remembers former members by their addresses", async () => {
    const moved = await roster([member(1, "a"), member(3, "c")], await roster(both));
    assert.deepEqual(
      readRoster(moved).former.map(({ memberName }) => memberName),
      ["node2"],
    );
  });
});
