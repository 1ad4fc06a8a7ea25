import assert from "node:assert/strict";
import { bridgeFaults } from "../../lab/faults/network.ts";
import { parseInterfaces } from "../../lab/host/interfaces.ts";
import { inspected, openSession } from "../../lab/host/sessions.ts";

describe("docker inspect's output for several objects", () => {
  const told = (stderr: string) =>
    inspected(
      "docker-node1",
      () => Promise.reject(Object.assign(new Error(), { stdout: "[1]", stderr })),
      "container",
      ["test12", "test13"],
    );

  it("is used for the existing ones if another is missing, whatever ssh prints", async () => {
    assert.equal(await told("Error: No such container: test13\n"), "[1]");
    assert.equal(await told("Error response from daemon: network demo not found\n"), "[1]");
    assert.equal(
      await told("mux_client_request_session: session request failed\nError: No such container: test13\n"),
      "[1]",
    );
  });
  it("is an error for any other message: then it is unknown which objects exist", async () => {
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

/** Output of `docker network inspect` for docker0's network, with the engine's addresses. */
const bridgeNetwork = (...blocks: readonly object[]) => ({
  Id: "a085e54c868bbfe1c062bc5d924c53a5a41f9e5ee04fb49ad39e8b9d9634414e",
  Name: "bridge",
  Driver: "bridge",
  IPAM: { Driver: "default", Options: null, Config: blocks },
  Options: { "com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.name": "docker0" },
  Labels: {},
});

/** An interface docker0 as printed by `ip -j address show`. */
const docker0 = (...addresses: readonly string[]) => ({
  ifindex: 3,
  ifname: "docker0",
  flags: ["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"],
  addr_info: addresses.map((local) => ({ family: "inet", local, prefixlen: 16, scope: "global", label: "docker0" })),
});

describe("the address of docker0", () => {
  const networkOf = async (blocks: readonly object[], addresses: readonly string[]) => {
    const answers: Record<string, string> = {
      "docker network ls": "a085e54c868b",
      "docker network inspect": JSON.stringify([bridgeNetwork(...blocks)]),
      "ip -j address": JSON.stringify([docker0(...addresses)]),
    };
    const asked: string[] = [];
    const session = openSession("a host", async (command) => {
      asked.push(command.join(" "));
      return answers[command.slice(0, 3).join(" ")] ?? assert.fail(`asked ${command.join(" ")}`);
    });
    const network = (await session.networks()).get("bridge");
    assert.ok(network);
    return { network, asked };
  };

  it("is the engine's, which it reports from its second start on", async () => {
    const { network, asked } = await networkOf([{ Subnet: "172.17.0.0/16", Gateway: "172.17.0.1" }], []);
    assert.equal(network.gateway, "172.17.0.1");
    assert.equal(asked.length, 2);
  });
  it("is the interface's own after an engine's very first start, whatever other addresses it has", async () => {
    const { network } = await networkOf([{ Subnet: "172.17.0.0/16" }], ["192.0.2.1", "172.17.0.9"]);
    assert.equal(network.gateway, "172.17.0.9");
    assert.deepEqual(bridgeFaults(network, parseInterfaces(JSON.stringify([docker0("172.17.0.9")]))), []);
  });
  it("is the IPv4 one if there are others", async () => {
    const six = { Subnet: "fd00::/64", Gateway: "fd00::1" };
    const { network } = await networkOf([six, { Subnet: "172.17.0.0/16" }], ["172.17.0.1"]);
    assert.deepEqual([network.gateway, network.subnets], ["172.17.0.1", ["172.17.0.0/16"]]);
  });
  it("is undefined if neither has it", async () => {
    const { network } = await networkOf([{ Subnet: "172.17.0.0/16" }], []);
    assert.equal(network.gateway, undefined);
    const faults = bridgeFaults(network, parseInterfaces(JSON.stringify([docker0()])));
    assert.deepEqual(faults, [
      {
        title:
          "docker0, the bridge of the network bridge, does not have the address 172.17.0.1, which is its containers' gateway",
        fix: "ip address add 172.17.0.1/16 dev docker0",
      },
    ]);
  });
});
