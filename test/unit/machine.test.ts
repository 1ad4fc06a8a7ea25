import assert from "node:assert/strict";
import { inspected } from "../../lab/machine.ts";

describe("what an engine tells of objects", () => {
  const told = (stderr: string) =>
    inspected(
      "docker-node1",
      () => Promise.reject(Object.assign(new Error(), { stdout: "[1]", stderr })),
      "container",
      ["test12", "test13"],
    );

  it("is what it tells of the others when one is not there, whatever ssh remarks", async () => {
    assert.equal(await told("Error: No such container: test13\n"), "[1]");
    assert.equal(await told("Error response from daemon: network demo not found\n"), "[1]");
    assert.equal(
      await told("mux_client_request_session: session request failed\nError: No such container: test13\n"),
      "[1]",
    );
  });
  it("is nothing when it says anything else: then nobody knows what is there", async () => {
    const silent = /the engine of docker-node1 did not describe its containers: /;
    for (const stderr of [
      "",
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock\n",
      "Error: No such container: test13\nerror during connect: EOF\n",
      "ssh: connect to host 192.0.2.1 port 22: Connection timed out\n",
    ])
      await assert.rejects(told(stderr), silent, stderr);
  });
});
