import assert from "node:assert/strict";
import fc from "fast-check";
import { interfaceNameProblem, namespaceNameProblem } from "../../components/lib/kernelNames.ts";
import { hostId, hostOf, nodeId, parseNodeId } from "../../components/lib/nodeId.ts";

describe("the id of a node", () => {
  const cases: readonly (readonly [id: string, kind: string, name: string, on: string | undefined])[] = [
    ["container:web", "container", "web", undefined],
    ["container:web@docker-node1", "container", "web", "docker-node1"],
    ["port:127.0.0.1:80", "port", "127.0.0.1:80", undefined],
    ["host:", "host", "", undefined],
    ["host:docker-node1", "host", "docker-node1", undefined],
    ["namespace:a%40b", "namespace", "a@b", undefined],
    ["namespace:50%25@vm", "namespace", "50%", "vm"],
  ];
  for (const [id, kind, name, on] of cases) {
    it(id, () => {
      assert.equal(nodeId(kind, name, on), id);
      assert.deepEqual(parseNodeId(id), { kind, name, on });
    });
  }

  it("returns the parts that it was built from, and differs for other parts", () => {
    const part = fc.oneof(fc.string(), fc.stringMatching(/^[%@:a240]*$/));
    const host = fc.option(part, { nil: undefined });
    const kind = fc.constantFrom("container", "network", "namespace", "port");
    fc.assert(
      fc.property(kind, part, host, (kind, name, on) => {
        assert.deepEqual(parseNodeId(nodeId(kind, name, on)), { kind, name, on });
      }),
    );
  });

  it("supports a name with an @, which the kernel allows", () => {
    assert.deepEqual([namespaceNameProblem("a@b"), interfaceNameProblem("a@b")], [undefined, undefined]);
    assert.notEqual(nodeId("namespace", "a@b", undefined), nodeId("namespace", "a", "b"));
  });

  it("returns the host that a node is, or is on", () => {
    assert.deepEqual([hostId(undefined), hostId("vm"), nodeId("member", "a", "vm"), "container:web"].map(hostOf), [
      undefined,
      "vm",
      "vm",
      undefined,
    ]);
  });
});
