import assert from "node:assert/strict";
import {
  etcdHealthy,
  etcdMembers,
  etcdSelf,
  etcdVersion,
  meaningOf,
  storedNetwork,
  storeKeys,
} from "../../lab/host/etcd.ts";
import { openSession } from "../../lab/host/sessions.ts";

/** A host on which curl returns these answers, by URL path, and fails for all others. */
const answering = (answers: Readonly<Record<string, unknown>>) =>
  openSession("node", (command) => {
    const path = command.at(-1)?.replace(/^http:\/\/[^/]+/, "") ?? "";
    return path in answers ? Promise.resolve(JSON.stringify(answers[path])) : Promise.reject(new Error("refused"));
  });
const NETWORK = "/docker/network/v1.0/network/abc";

describe("a host's own etcd", () => {
  const node = answering({
    "/version": { etcdserver: "3.4.23", etcdcluster: "3.4.0" },
    "/v2/keys/?quorum=true": { action: "get", node: { dir: true } },
    "/v2/members": {
      members: [
        { id: "2", name: "b", peerURLs: [], clientURLs: ["http://10.0.0.2:2379"] },
        { id: "1", name: "a", peerURLs: [], clientURLs: [] },
      ],
    },
    "/v2/stats/self": { name: "a", id: "1", state: "StateLeader" },
    [`/v2/keys${NETWORK}/`]: { action: "get", node: { key: NETWORK, value: '{"id":"abc","name":"demo"}' } },
    "/v2/keys/docker?recursive=true": {
      node: {
        key: "/docker",
        dir: true,
        nodes: [
          { key: NETWORK, value: "{}" },
          { key: "/docker/nodes", dir: true, nodes: [{ key: "/docker/nodes/10.0.0.1:2375", value: "" }] },
          { key: "/docker/network/v1.0/gone", dir: true },
        ],
      },
    },
  });

  it("reports its version, its role, its members and networks", async () => {
    assert.equal(await etcdVersion(node), "3.4.23");
    assert.equal(await etcdHealthy(node), true);
    assert.deepEqual(await etcdSelf(node), { name: "a", role: "leader" });
    assert.deepEqual(
      (await etcdMembers(node))?.map(({ name }) => name),
      ["a", "b"],
    );
    assert.deepEqual(await storedNetwork(node, "abc"), { id: "abc", name: "demo" });
    assert.equal(await storedNetwork(node, "def"), undefined);
  });

  it("shows keys with a meaning, and no empty folders", async () => {
    assert.deepEqual(
      (await storeKeys(node)).map(({ key }) => key),
      [NETWORK, "/docker/nodes/10.0.0.1:2375"],
    );
    assert.match(meaningOf(NETWORK), /^a network/);
    assert.equal(meaningOf("/mine"), "not the engine's");
  });

  it("is unhealthy without a quorum, and undefined if it does not answer", async () => {
    assert.equal(
      await etcdHealthy(answering({ "/v2/keys/?quorum=true": { errorCode: 300, message: "Raft Internal Error" } })),
      false,
    );
    const silent = answering({});
    assert.deepEqual(
      [await etcdVersion(silent), await etcdHealthy(silent), await etcdSelf(silent), await etcdMembers(silent)],
      [undefined, false, undefined, undefined],
    );
    assert.deepEqual(await storeKeys(silent), []);
  });
});
