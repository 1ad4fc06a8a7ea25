import assert from "node:assert/strict";
import type { Context } from "../../lab/faults/context.ts";
import { serviceFaults, swarmNodeFaults } from "../../lab/faults/swarm.ts";
import type { HostSession } from "../../lab/host/session.ts";
import type { Check } from "../../stacks/checks.ts";

describe("what is wrong with a swarm", () => {
  const check: Check = {
    ...{ id: "11.1-nodes", row: "11.1", lab: "swarm", title: "it does", kind: "swarmNodes", on: "a" },
    expect: { a: "manager", b: "worker" },
    labels: { b: { disk: "ssd" } },
  };
  const node = (name: string, change: object = {}, state = "ready") => ({
    ID: `id-${name}`,
    Spec: { Labels: { "dockernet.host": name, disk: "ssd" }, Role: "worker", Availability: "active", ...change },
    Description: { Hostname: name },
    Status: { State: state },
  });
  const manager = node("a", { Role: "manager" });
  /** An environment whose manager knows these nodes and tasks, and whose other engine says this of itself. */
  const contextOf = (nodes: readonly object[], self: object = {}, tasks: readonly object[] = []): Context => {
    const session = {
      say: async () => ({ ok: true, text: JSON.stringify(nodes) }),
      run: async () => JSON.stringify(self),
      attempt: async ([program]: readonly string[]) => (program === "sh" ? JSON.stringify(tasks) : "2"),
    } as unknown as HostSession;
    const hosts = ["a", "b"].map((on) => ({ name: on, on, session }));
    const [here] = hosts;
    return { environment: "s", outputs: { checks: [check], hosts: {} }, hosts, here } as unknown as Context;
  };
  const titles = async (...of: Parameters<typeof contextOf>) =>
    (await swarmNodeFaults(contextOf(...of), ["a", "b"])).map(({ title }) => title);

  it("is nothing if all nodes are as they should be", async () => {
    assert.deepEqual(await titles([manager, node("b")]), []);
  });

  it("is told by the engine of a node that the managers do not hear", async () => {
    const down = [manager, node("b", {}, "down")];
    assert.deepEqual(await titles(down, { LocalNodeState: "inactive" }), [
      "b is in no swarm: its engine has left, or lost the data of the swarm",
    ]);
    assert.deepEqual(await titles(down, { LocalNodeState: "error", Error: "walpb: crc mismatch" }), [
      "b cannot take part in the swarm: walpb: crc mismatch",
    ]);
    const [silent] = await swarmNodeFaults(contextOf(down, { LocalNodeState: "active" }), ["b"]);
    assert.deepEqual(silent, { title: "the engine of b does not answer the managers of the swarm", symptom: true });
  });

  it("is what was changed of a node by hand", async () => {
    const change = { Role: "manager", Availability: "drain", Labels: { "dockernet.host": "b" } };
    assert.deepEqual(await titles([manager, node("b", change)]), [
      "b is set to drain, so it takes no tasks",
      "b is a manager, the lab has a worker: it was changed by hand",
      "b does not have the label disk=ssd, by which tasks are placed",
    ]);
  });

  it("is an image that a node does not have, and not that its task waits", async () => {
    const task = (Err: string) => ({ NodeID: "id-b", DesiredState: "running", Status: { State: "rejected", Err } });
    const faults = async (problem: string) => {
      const context = contextOf([manager, node("b")], {}, [task(problem)]);
      return (await serviceFaults(context, context.here, "web", 2)).map(({ title }) => title);
    };
    assert.deepEqual(await faults("No such image: sha256:0"), [
      "b has no image of the service web (No such image: sha256:0): it was removed",
    ]);
    assert.deepEqual(await faults("no space left on device"), [
      "a task of the service web on b is rejected: no space left on device",
    ]);
  });
});
