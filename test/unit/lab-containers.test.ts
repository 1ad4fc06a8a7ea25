import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { AddressReservation } from "../../components/address-reservation/AddressReservation.ts";
import { Container } from "../../components/Container.ts";
import { readScript } from "../../components/host-script/scriptText.ts";
import { interfaceName } from "../../components/lib/identity.ts";
import { LinkedContainer } from "../../components/linked-container/LinkedContainer.ts";
import { OutsideHost } from "../../components/OutsideHost.ts";
import { privateRange } from "../../lab/host/addresses.ts";
import { inputsOf, type Registered, recordResources, resolved, settled } from "./mocks.ts";

const COMMAND = "command:local:Command";
const CONTAINER = "docker:index/container:Container";
const LOCAL = { kind: "local" } as const;
const LABELS = { "dockernet.stack": "practice", "dockernet.lab": "links" };

describe("components of the single-host labs", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });

  it("Container joins the chosen network, and has only the chosen capabilities", async () => {
    const common = { image: "sha256:box", labels: LABELS };
    const own = pulumi.output("lab-net");
    const made = [
      new Container("a", { ...common, containerName: "a", hostname: "a", network: own }),
      new Container("b", { ...common, containerName: "b", hostname: "b", network: "none" }),
      new Container("c", { ...common, containerName: "c", network: "host", capabilities: ["NET_ADMIN"] }),
    ];
    assert.deepEqual(await Promise.all(made.map((each) => resolved(each.containerName))), ["a", "b", "c"]);
    const [a, b, c] = ["a", "b", "c"].map((name) => inputsOf(seen, CONTAINER, name));
    assert.deepEqual([a?.networkMode, a?.networksAdvanced], ["bridge", [{ name: "lab-net", aliases: ["a"] }]]);
    assert.deepEqual([b?.networkMode, b?.networksAdvanced, b?.hostname], ["none", undefined, "b"]);
    assert.deepEqual([c?.networkMode, c?.hostname, c?.wait], ["host", undefined, undefined]);
    assert.deepEqual(b?.capabilities, { drops: ["ALL"], adds: [] });
    assert.deepEqual(c?.capabilities, { drops: ["ALL"], adds: ["CAP_NET_ADMIN"] });
  });

  it("OutsideHost uses the first two addresses of its block, and refuses an interface name that is too long", async () => {
    const args = { containerName: "outside", image: "sha256:box", subnet: "10.9.0.0/30", labels: LABELS };
    const outside = new OutsideHost("outside", { ...args, interface: "veth-outside" });
    assert.equal(await resolved(outside.address), "10.9.0.2");
    const { command, networkMode, wait } = inputsOf(seen, CONTAINER, "outside");
    assert.deepEqual(command, ["outside.sh", "veth-outside", "10.9.0.1/30", "10.9.0.2/30", "8080"]);
    assert.deepEqual([networkMode, wait], ["host", true]);
    assert.throws(() => new OutsideHost("x", { ...args, interface: "sixteen-bytes-ab" }), /1 to 15 bytes/);
  });

  it("LinkedContainer runs docker with a script, and is replaced for another name or other labels", async () => {
    const made = new LinkedContainer("test8", {
      host: LOCAL,
      containerName: "test8",
      hostname: "test8",
      image: "sha256:box",
      target: pulumi.output("id-of-test7"),
      alias: "test7",
      labels: LABELS,
    });
    assert.equal(await resolved(made.containerName), "test8");
    const { stdin, triggers } = inputsOf(seen, COMMAND, "test8");
    assert.match(String(stdin), /^ALIAS='test7'\n[\s\S]*^TARGET='id-of-test7'$/m);
    assert.deepEqual(triggers, ["test8", "dockernet.lab=links\ndockernet.stack=practice"]);
  });

  it("AddressReservation passes all blocks, ports and interfaces to its script", async () => {
    const identity = { project: "dockernet", stack: "mine" };
    const subnets = ["10.0.0.0/24", "10.0.1.0/24"];
    new AddressReservation("reservation", {
      host: LOCAL,
      identity,
      subnets,
      ports: ["127.0.0.1:80"],
      interfaces: ["veth1", "veth2"],
    });
    await settled(seen);
    const { stdin } = inputsOf(seen, COMMAND, "reservation");
    assert.deepEqual(String(stdin).split("\n").slice(0, 6), [
      "INTERFACES='veth1 veth2'",
      "OWNER='dockernet/mine'",
      "PORTS='127.0.0.1:80'",
      "SETTINGS=''",
      "STEP='dockernet-practice-reservation'",
      "SUBNETS='10.0.0.0/24 10.0.1.0/24'",
    ]);
  });

  it("AddressReservation refuses values that another setting has used until now, and nothing else", () => {
    const script = readScript(new URL("../../components/address-reservation/reservation.sh", import.meta.url));
    const check = (settings: string, before: string) =>
      spawnSync("sh", ["-s"], {
        input: `set -eu\nOWNER=p/s\nSETTINGS='${settings}'\n${script}\ncheck`,
        env: { ...process.env, PULUMI_COMMAND_STDOUT: before },
        encoding: "utf8",
      }).stderr.trim();
    const before = "ports.subnet 10.61.1.0/24\ncounter.subnet 10.61.2.0/24\nports.port 80\ncounter.port 5000";
    const refused = (setting: string, value: string, other: string) =>
      `environment p/s: ${setting} is to get ${value}, which is of ${other} until this update is done; ` +
      "change one of the two first, then the other";
    assert.equal(
      check("ports.subnet 10.61.2.128/25\ncounter.subnet 10.61.5.0/24", before),
      refused("ports.subnet", "10.61.2.128/25", "counter.subnet"),
    );
    assert.equal(check("counter.port 80", before), refused("counter.port", "80", "ports.port"));
    assert.equal(check("ports.subnet 10.61.1.0/25\ncounter.subnet 10.61.3.0/24\ncounter.port 800", before), "");
    assert.equal(check("counter.port 80", ""), "");
  });
});

describe("names and addresses of the single-host labs", () => {
  it("an interface has the tutorial's name in practice, and elsewhere a unique one that fits", () => {
    const name = (stack: string, base = "veth-outside") => interfaceName({ project: "dockernet", stack }, base);
    assert.equal(name("practice"), "veth-outside");
    assert.match(name("basics"), /^veth-out-[0-9a-f]{6}$/);
    assert.equal(new Set([name("basics"), name("basics2"), name("basics", "veth-outer")]).size, 3);
  });

  it("distinguishes private addresses from public ones, including the edges of the ranges", () => {
    const ranges = { "10.0.0.0/8": ["10.0.0.0", "10.255.255.255"], "172.16.0.0/12": ["172.16.0.0", "172.31.255.255"] };
    for (const [range, addresses] of Object.entries({ ...ranges, "192.168.0.0/16": ["192.168.174.141"] })) {
      for (const address of addresses) assert.equal(privateRange(address), range, address);
    }
    for (const address of ["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.169.0.0", "::1", "x"]) {
      assert.equal(privateRange(address), undefined, address);
    }
  });
});
