import assert from "node:assert/strict";
import { judgeMachines } from "../../lab/commands/doctor/vms.ts";
import { machineOf, machineSteps } from "../../lab/commands/recover/machines.ts";
import { machineFaults } from "../../lab/faults/machine.ts";
import { readFacts } from "../../lab/host/facts.ts";
import { expectedMachines, type HostMachine, machineNames, parseMachines } from "../../lab/host/machines.ts";

const OWNER = "dockernet/x";
const machine = (state: HostMachine["state"], what = ""): HostMachine => ({
  host: "docker-node1",
  name: "dockernet-x-docker-node1",
  owner: OWNER,
  state,
  what,
});

describe("virtual machines of this host", () => {
  it("are read from the lines of the script, with the reason in full", () => {
    const lines = [
      "machine a dockernet/x running",
      "machine b - damaged its disk cannot be read: qemu-img: Could not open 'b'",
      "machine c dockernet/x afloat",
      "machine",
    ];
    assert.deepEqual(parseMachines(readFacts(lines.join("\n"))), [
      { name: "a", owner: OWNER, state: "running", what: "" },
      { name: "b", owner: "-", state: "damaged", what: "its disk cannot be read: qemu-img: Could not open 'b'" },
    ]);
    assert.equal(parseMachines(readFacts("machine.hidden ann\n")), undefined);
  });

  it("are those that the topology names, and another owner's machine of that name is none of them", () => {
    const host = (name: string, facts: Record<string, string>) =>
      ({ id: `host:${name}`, kind: "host", name, facts }) as const;
    const nodes = [
      host("own", { address: "10.0.0.1" }),
      host("one", { machine: "vm1" }),
      host("two", { machine: "vm2" }),
    ];
    const names = machineNames({ nodes });
    assert.deepEqual(
      [...names],
      [
        ["one", "vm1"],
        ["two", "vm2"],
      ],
    );
    const seen = [
      { name: "vm1", owner: OWNER, state: "running", what: "" },
      { name: "vm2", owner: "dockernet/y", state: "running", what: "" },
    ] as const;
    const states = expectedMachines(names, OWNER, seen)?.map((each) => [each.host, each.state]);
    assert.deepEqual(states, [
      ["one", "running"],
      ["two", "gone"],
    ]);
    assert.equal(expectedMachines(names, OWNER, undefined), undefined);
  });

  it("are faults unless they run, and only those that cannot be reached keep from looking", () => {
    assert.deepEqual(machineFaults(machine("running"), "x"), []);
    const [stopped] = machineFaults(machine("stopped", "no process of it runs"), "x");
    assert.deepEqual(stopped, {
      title: "the virtual machine dockernet-x-docker-node1, which is docker-node1, does not run: no process of it runs",
      fix: "npx lab recover x",
      unseen: true,
    });
    assert.equal(machineFaults(machine("unsupervised"), "x")[0]?.unseen, undefined);
  });

  it("are judged by lab doctor with what recover does to their disks", () => {
    const fixes = (["running", "stopped", "damaged"] as const).map(
      (state) => judgeMachines([machine(state)], "x")[0]?.fix,
    );
    assert.deepEqual(fixes, [
      undefined,
      "npx lab recover x, which starts it with its disk",
      "npx lab recover x, which recreates the machines with empty disks, and everything on them",
    ]);
    assert.equal(judgeMachines(undefined, "x")[0]?.level, "skipped");
    assert.deepEqual(judgeMachines([], "x"), []);
  });

  it("are started again by recover with their disks, and replaced only where the disk is lost", () => {
    const does = (...machines: HostMachine[]) => machineSteps("x", machines).map((step) => step.does);
    assert.deepEqual(does(), []);
    assert.match(does(machine("stopped"), machine("disconnected")).join(), /^starts it again with its disk/);
    const [first, second] = does(machine("damaged"), machine("stopped"));
    assert.match(first ?? "", /^starts it again/);
    assert.match(second ?? "", /with empty disks/);
  });

  it("are one resource, on which everything on them depends", () => {
    const urn = (name: string) => `urn:pulumi:x::dockernet::dockernet:index:PracticeVm$command:local:Command::${name}`;
    const resources = ["docker-node1-ready", "docker-node2", "docker-node1"].map((name) => ({
      urn: urn(name),
      type: "command:local:Command",
    }));
    assert.equal(machineOf("docker-node1", resources), urn("docker-node1"));
    assert.equal(machineOf("node1", resources), undefined);
  });
});
