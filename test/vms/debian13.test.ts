import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EMULATED_SLOWNESS } from "../../components/practice-vm/defaults.ts";
import { runDoctor } from "../../lab/commands/doctor/doctor.ts";
import { runOverSsh } from "../../lab/host/overSsh.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "../integration/environment.ts";
import { makePracticeVms, type PracticeVmHost, type PracticeVms } from "../practiceVms.ts";

/** What a container shares with its host and a machine has of its own: kernel modules that this host's kernel may lack. */
const MODULES = ["ip_vs", "ipvlan", "wireguard", "sch_netem", "dummy"];
const TRACES =
  "ip netns list; ip -o link show | cut -d : -f 2; ls -d /run/dockernet* /var/lib/dockernet* 2>/dev/null || :";

describe("a virtual machine of Debian 13 as a host of the user's", function () {
  this.timeout(900_000);
  const suffix = randomBytes(3).toString("hex");
  const name = `vt-${suffix}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-vm-"));
  const keyFile = join(work, "keys", "id_ed25519");
  let machines: PracticeVms;
  let guest: PracticeVmHost;
  let lab: Environment;
  let loaded: string;
  let clean: string;

  const onGuest = (script: string): Promise<string> => {
    const { address, hostKey } = guest;
    const access: HostAccess = { address, hostKey, port: 22, user: "lab", keyFile, sudo: true };
    return runOverSsh(access, script, { timeoutMs: 60_000 });
  };
  const settle = (settings: Record<string, unknown>) => {
    const { address, hostKey } = guest;
    const access = { user: "lab", keyFile, sudo: true, slowness: EMULATED_SLOWNESS };
    lab.settle({ hosts: [{ name: "guest", address, hostKey, ...access }], ...settings });
  };
  const problems = async () =>
    (await runDoctor(lab.name, lab.env)).filter(({ level }) => level === "problem").map(({ what }) => what);

  before(async () => {
    machines = await makePracticeVms({ name, subnet, work, releases: { guest: "trixie" }, keyFile });
    guest = machines.hosts[0] ?? assert.fail("no machine");
    lab = await makeEnvironment();
    // Before the traces are taken, since dummy makes an interface.
    loaded = await onGuest(`for module in ${MODULES.join(" ")}; do modprobe "$module" && echo "$module"; done`);
    clean = await onGuest(TRACES);
  });
  after(async () => {
    await lab?.remove();
    await machines?.remove();
    rmSync(work, { recursive: true });
  });

  it("has the kernel, the engine and the cgroups of its release, and the modules that this host may lack", async () => {
    assert.match(guest.engineVersion, /^26\.1\./);
    assert.match(await onGuest("uname -r"), /^6\.12\./);
    assert.equal(await onGuest("stat --file-system --format %T /sys/fs/cgroup"), "cgroup2fs");
    assert.deepEqual(loaded.split("\n"), MODULES);
  });

  it("is refused for the overlay lab by lab doctor, since its engine has no cluster store", async () => {
    settle({ labs: ["overlay"] });
    assert.match((await problems()).join("\n"), /version 26\.1\.\S+, and Docker dropped cluster stores/);
  });

  it("passes lab doctor and the checks of the namespaces lab as a user with sudo, and a preview shows no change", async () => {
    settle({ labs: ["namespaces"], namespaces: { host: "guest" } });
    assert.deepEqual(await problems(), []);
    await lab.stack.up();
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 8);
    await unchanged(lab);
  });

  it("is as it was after the destroy", async () => {
    await lab.stack.destroy();
    assert.equal(await onGuest(TRACES), clean);
  });
});
