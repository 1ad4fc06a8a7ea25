import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeAddresses } from "../../lab/commands/doctor/addresses.ts";
import { alike, clocks, judgePeer, judgeSize } from "../../lab/commands/doctor/between.ts";
import { judgeEngine } from "../../lab/commands/doctor/engine.ts";
import { judgeBuilds, judgeSettings } from "../../lab/commands/doctor/engineSettings.ts";
import type { Judgement } from "../../lab/commands/doctor/finding.ts";
import { judgeFirewall } from "../../lab/commands/doctor/firewall.ts";
import { type Host, judgeChecks, judgeHost } from "../../lab/commands/doctor/host.ts";
import { imagesOf, labsHere, labsOfUser, labsOn } from "../../lab/commands/doctor/needs.ts";
import { judgePassphrase } from "../../lab/commands/doctor/passphrase.ts";
import { hasProblem, report } from "../../lab/commands/doctor/report.ts";
import { checkSettings } from "../../lab/commands/doctor/settings.ts";
import { passphrase } from "../../lab/commands/doctor/state.ts";
import { judgeRoot, judgeSystem } from "../../lab/commands/doctor/system.ts";
import { judgeVms } from "../../lab/commands/doctor/vms.ts";
import { judgeWritable } from "../../lab/commands/doctor/writable.ts";
import { readFacts } from "../../lab/host/facts.ts";
import type { Network } from "../../lab/host/networks.ts";
import { parseStackConfig } from "../../lab/state/stackConfig.ts";
import { parseConfig } from "../../stacks/config.ts";
import { builtImage } from "../../stacks/images.ts";
import { LAB_NAMES, type LabName } from "../../stacks/labs/index.ts";
import { ENGINES, inspectedNetwork, NETWORKS, recorded } from "../firewall.ts";
import { TOGETHER } from "../together.ts";

const facts = (...lines: string[]) => readFacts(lines.join("\n"));
const engine = (info: Record<string, unknown>) => facts(`engine ${JSON.stringify(info)}`);
/** Findings that are not fine, as lines `level id: what`. */
const bad = (judgements: readonly Judgement[]) =>
  judgements.filter(({ level }) => level !== "ok").map(({ level, id, what }) => `${level} ${id}: ${what}`);

describe("lab doctor judges", () => {
  describe("an engine", () => {
    const labs: readonly LabName[] = ["links", "ports"];
    const cases: readonly [what: string, ReturnType<typeof facts>, expected: RegExp | undefined][] = [
      ["of 20.10", engine({ ServerVersion: "20.10.24+dfsg1", OSType: "linux" }), undefined],
      ["of 29", engine({ ServerVersion: "29.1.0" }), undefined],
      [
        "without links",
        engine({ ServerVersion: "30.0.0-rc.1" }),
        /^problem engine-version: lab links is not supported on engine 30/,
      ],
      ...["library-import", "master", "0.0.0-20250901", "dev.build"].map(
        (ServerVersion): [string, ReturnType<typeof facts>, RegExp] => [
          `of version ${ServerVersion}, which is no number`,
          engine({ ServerVersion }),
          new RegExp(
            `^skipped engine-version: support of lab links is unknown on an engine of version ${ServerVersion}: links on`,
          ),
        ],
      ),
      ["for Windows", engine({ ServerVersion: "28.0.0", OSType: "windows" }), /^problem engine-kind: .* Windows/],
      [
        "without root",
        engine({ ServerVersion: "28.0.0", SecurityOptions: ["name=seccomp", "name=rootless"] }),
        /^warning engine-kind: the engine is rootless/,
      ],
      [
        "of Docker Desktop",
        engine({ ServerVersion: "28.0.0", OperatingSystem: "Docker Desktop" }),
        /^warning engine-kind: the engine is Docker Desktop's/,
      ],
      ["that copies", engine({ ServerVersion: "20.10.24", Driver: "vfs" }), /^warning storage-driver: .* vfs/],
      ["that is not there", facts("engine.missing docker"), /^problem engine: the command docker is missing/],
      ["that does not respond", facts("engine.failed 124"), /^problem engine: no engine answers: timeout/],
      [
        "that a newer command reports as missing",
        engine({ ServerErrors: ["Cannot connect to the Docker daemon at unix:///x."], ClientInfo: {} }),
        /^problem engine: no engine answers: Cannot connect to the Docker daemon at unix:\/\/\/x\.$/,
      ],
      [
        "that does not support the provider's old API",
        facts(`engine ${JSON.stringify({ ServerVersion: "29.9.0" })}`, "engine.speaks 1.60 1.50"),
        /^problem engine-api: the engine speaks API 1\.50 at the least, and the docker provider 1\.44 at the most$/,
      ],
      [
        "that denies the user access",
        facts(
          "user 1000 ann",
          "engine.failed 1",
          "engine.said permission denied while trying to connect to the Docker",
        ),
        /^problem engine: user ann may not use the engine/,
      ],
      [
        "that refuses DOCKER_API_VERSION",
        facts(
          "engine.api 9.99",
          `engine {"ServerErrors":["Error response from daemon: client version 9.99 is too new"]}`,
        ),
        /^problem engine: the engine refuses DOCKER_API_VERSION=9.99: client version 9.99 is too new$/,
      ],
      [
        "that is queried by an outdated command",
        facts("engine.failed 1", "engine.said Error response from daemon: client version 1.41 is too old."),
        /^problem engine: the engine refuses the docker command of this machine: client version 1.41 is too old\.$/,
      ],
      [
        "whose context was removed",
        facts("engine.failed 1", 'engine.said unable to resolve docker endpoint: context "gone" does not exist'),
        /^problem engine: no engine answers: unable to resolve docker endpoint: context "gone"/,
      ],
    ];
    for (const [what, given, expected] of cases) {
      it(what, () => {
        const found = bad(judgeEngine(given, labs, true));
        if (expected === undefined) assert.deepEqual(found, []);
        else assert.match(found.join("\n"), expected);
        assert.equal(found.length, expected ? 1 : 0);
      });
    }

    it("with only a newer API: fine for the official provider, which negotiates the version", () => {
      const info = `engine ${JSON.stringify({ ServerVersion: "29.0.0" })}`;
      assert.deepEqual(bad(judgeEngine(facts(info, "engine.speaks 1.60 1.50"), labs, false)), []);
    });

    it("only for the labs that need it", () => {
      assert.deepEqual(judgeEngine(facts("engine.missing docker"), ["namespaces"]), []);
      assert.deepEqual(bad(judgeEngine(engine({ ServerVersion: "30.0.0" }), ["ports"])), []);
    });
  });

  it("a kernel by the modules of the labs that are built", () => {
    const known = (...missing: string[]) =>
      facts(
        "forward 1",
        ...["veth", "bridge", "br_netfilter"].map((m) => `module.${m} ${missing.includes(m) ? "missing" : "there"}`),
      );
    assert.deepEqual(bad(judgeSystem(known(), ["ports"])), []);
    assert.deepEqual(bad(judgeSystem(known("veth"), ["ports"])), [
      "problem kernel-module: the kernel has no module veth",
    ]);
    assert.match(bad(judgeSystem(known("br_netfilter"), ["ports"])).join(), /^warning kernel-module: .* br_netfilter$/);
    assert.match(
      bad(judgeSystem(known(), ["overlay"])).join(),
      /^skipped kernel-module: kernel module vxlan not checked$/,
    );
    assert.match(bad(judgeSystem(facts("forward 0", "module.veth there"), ["namespaces"])).join(), /^$/);
  });

  it("forwarding, disk and memory", () => {
    const modules = ["veth", "bridge", "br_netfilter"].map((name) => `module.${name} there`);
    const judge = (...lines: string[]) => bad(judgeSystem(facts(...modules, ...lines), ["ports"]));
    assert.deepEqual(judge("forward 1", "disk 1048576 /var/lib/docker", "memory 524288"), []);
    assert.match(judge("forward 0").join(), /^problem ip-forward: .*net\.ipv4\.ip_forward is 0/);
    const tight = judge("forward 1", "disk 1048575 /var/lib/docker", "memory 524287");
    assert.match(tight[0] ?? "", /^problem disk: free on the disk of \/var\/lib\/docker: 1023 MiB, less than 1024$/);
    assert.match(tight[1] ?? "", /^warning memory: free memory: 511 MiB, less than 512$/);
  });

  it("AppArmor, where the kernel has it and an engine is needed", () => {
    const judge = (...lines: string[]) =>
      judgeSystem(facts("forward 1", ...lines), ["ports"]).filter(({ id }) => id === "apparmor");
    assert.deepEqual(judge(), []);
    assert.equal(judge("apparmor there")[0]?.level, "ok");
    assert.match(
      bad(judge("apparmor missing")).join(),
      /^problem apparmor: .* the program apparmor_parser is missing$/,
    );
    assert.deepEqual(bad(judgeSystem(facts("apparmor missing", "module.veth there"), ["namespaces"])), []);
  });

  it("root if namespaces are created", () => {
    assert.match(bad(judgeRoot(facts("user 1000 ann"), LAB_NAMES)).join(), /^problem root: user ann is not root/);
    assert.deepEqual(bad(judgeRoot(facts("user 0 root"), LAB_NAMES)), []);
    assert.deepEqual(judgeRoot(facts("user 1000 ann"), ["ports"]), []);
  });

  it("a host that is to run virtual machines", () => {
    const good = ["user 0 root", "vm.machine x86_64", "vm.kvm works", "memory 4000000", "vm.disk 9000000"];
    const judge = (count: number, ...lines: string[]) => bad(judgeVms(facts(...lines, ...good), count));
    assert.deepEqual(judge(2), []);
    assert.match(judge(2, "user 1000 ann").join(), /^problem root: user ann is not root, which virtual machines need/);
    assert.match(judge(2, "vm.machine aarch64").join(), /^problem vm: .* this is aarch64$/);
    assert.match(judge(2, "vm.missing qemu-utils").join(), /^problem vm: .* missing packages: qemu-utils$/);
    assert.match(judge(2, "vm.kvm broken").join(), /^warning kvm: KVM does not work/);
    assert.match(judge(2, "vm.kvm missing").join(), /^warning kvm: no KVM/);
    assert.match(judge(2, "vm.kvm untried").join(), /^skipped kvm: /);
    assert.match(
      judge(7).join(),
      /^warning memory: 3906 MiB .*, less than 7168,warning disk: 8789 MiB .*, less than 9216$/,
    );
  });

  describe("a firewall", () => {
    const answering = `engine ${JSON.stringify({ ServerVersion: "20.10.24" })}`;
    const nft = "iptables iptables v1.8.9 (nf_tables)";
    const docker = ["*filter", ":FORWARD DROP [0:0]", ":DOCKER - [0:0]", "-A FORWARD -j DOCKER-USER"];
    const rules = (backend: string, ...lines: string[]) => lines.map((line) => `rules.${backend} ${line}`);
    const networks = `networks ${JSON.stringify(NETWORKS.map(inspectedNetwork))}`;
    const cases: readonly [what: string, lines: readonly string[], expected: RegExp][] = [
      ["with only the engine's rules", [nft, ...rules("nft", ...docker, "-A DOCKER-USER -j RETURN")], /^$/],
      ["that only root can list", [answering], /^skipped firewall: .*needs root/],
      ["without the engine's rules", [nft, answering], /^warning firewall: the engine has made no iptables rules$/],
      [
        "whose other backend drops",
        [nft, ...rules("nft", ...docker), ...rules("legacy", "*filter", ":FORWARD DROP [0:0]")],
        /^problem firewall: iptables-legacy drops .* iptables-nft$/,
      ],
      [
        "whose other backend accepts",
        [nft, ...rules("nft", ...docker), ...rules("legacy", "*filter", ":FORWARD ACCEPT [0:0]")],
        /^$/,
      ],
      [
        "whose command uses the other backend",
        ["iptables iptables v1.8.9 (legacy)", ...rules("nft", ...docker)],
        /^warning firewall: the command iptables is legacy, and the engine's rules are in iptables-nft$/,
      ],
      [
        "with a rule of the user's",
        [nft, ...rules("nft", ...docker, "-A DOCKER-USER -i eth1 -j DROP")],
        /^warning firewall: a rule for all containers refuses packets: -A DOCKER-USER -i eth1 -j DROP$/,
      ],
      [
        "with a user's rule in a table without engine rules",
        [nft, ...rules("nft", ...docker, "*raw", ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -s 10.1.0.2/32 -j DROP")],
        /^warning firewall: a rule for all containers refuses packets: -A PREROUTING -s 10\.1\.0\.2\/32 -j DROP$/,
      ],
      [
        "whose rules were flushed",
        [...recorded("20.10").filter((line) => !line.startsWith("rules.nft -A ")), networks, answering],
        /^problem firewall: firewall rules that the engine wrote for its networks are gone: bridge \(address/,
      ],
      [
        "of an nftables engine whose table was removed",
        [nft, 'rules.nftables {"nftables":[]}', networks, answering],
        /^problem firewall: firewall rules that the engine wrote for its networks are gone: bridge \(address/,
      ],
    ];
    for (const [what, lines, expected] of cases) {
      it(what, () => assert.match(bad(judgeFirewall(facts(...lines))).join("\n"), expected));
    }
    for (const engine of ENGINES) {
      it(`of an engine as it was recorded: ${engine}`, () =>
        assert.deepEqual(bad(judgeFirewall(facts(...recorded(engine), networks, answering))), []));
    }
    it("of an engine that uses nftables itself, without a command that lists them", () => {
      const info = { ServerVersion: "29.0.0", FirewallBackend: { Driver: "nftables" } };
      const judged = bad(judgeFirewall(facts(nft, networks, `engine ${JSON.stringify(info)}`)));
      assert.match(judged.join("\n"), /^skipped firewall: .* in nftables, and there is no command nft$/);
      const failing = bad(judgeFirewall(facts(nft, "nft.failed 139", networks, `engine ${JSON.stringify(info)}`)));
      assert.match(failing.join("\n"), /^skipped firewall: .* nft fails to list them \(exit code 139\)$/);
    });
  });

  describe("an engine's settings", () => {
    const networks = (...changed: Partial<Network>[]) =>
      `networks ${JSON.stringify(NETWORKS.map((each, index) => inspectedNetwork({ ...each, ...changed[index] })))}`;
    const option = (name: string, value: string) => ({ options: { [`com.docker.network.bridge.${name}`]: value } });
    const answering = (info: Record<string, unknown> = {}) =>
      `engine ${JSON.stringify({ ServerVersion: "28.5.2", ...info })}`;
    const started = (args: string, daemon: unknown = {}) => [
      `dockerd 7 dockerd ${args}`,
      `daemon ${JSON.stringify(daemon)}`,
    ];
    const config = parseConfig(
      { project: "dockernet", stack: "practice" },
      { labs: JSON.stringify(TOGETHER) },
      "debian",
    );
    const images = (labs: readonly LabName[]) =>
      labs.flatMap((lab) => imagesOf(config, lab)).map((service) => `image ${builtImage(service, "debian")}`);
    const cases: readonly [setting: string, labs: string, lines: readonly string[], fix: RegExp][] = [
      [
        "icc: false",
        "bridge, links",
        [networks(option("enable_icc", "false")), ...started("", { icc: false })],
        /"icc": false out of/,
      ],
      [
        "icc: false",
        "bridge, links",
        [networks(option("enable_icc", "false")), ...started("--icc=false")],
        /--icc off the command line/,
      ],
      [
        "bridge: none",
        "bridge, links, isolation",
        ["networks []", ...started("", { bridge: "none" })],
        /"bridge": "none" out of/,
      ],
      [
        "bip: 8.8.8.1/24",
        "bridge",
        [networks({ subnets: ["8.8.8.0/24"] }), ...started("", { bip: "8.8.8.1/24" })],
        /^take "bip" out of .*ip link delete docker0/,
      ],
      [
        "iptables: false",
        "bridge",
        [networks(), ...started("--iptables=false")],
        /--iptables off .* kill 7, wait .* dockerd --iptables=false/,
      ],
      [
        "ip-masq: false",
        "bridge",
        [networks(option("enable_ip_masquerade", "false")), ...started("", { "ip-masq": false })],
        /"ip-masq"/,
      ],
      [
        "userns-remap: default",
        "bridge, isolation, overlay, swarm",
        [
          networks(),
          answering({ SecurityOptions: ["name=seccomp,profile=default", "name=userns"] }),
          ...started("", { "userns-remap": "default" }),
        ],
        /"userns-remap": "default" out of/,
      ],
    ];
    for (const [setting, labs, lines, fix] of cases) {
      it(`${setting}, ${lines.at(-2)}`, () => {
        const [judged, ...more] = judgeSettings(facts(...lines, answering()), LAB_NAMES);
        assert.deepEqual(more, []);
        assert.equal(judged?.level, "problem");
        assert.match(judged?.what ?? "", new RegExp(`^the engine runs with ${setting}, with which the labs? `));
        for (const lab of labs.split(", ")) assert.ok(judged?.what.includes(lab), judged?.what);
        assert.match(judged?.fix ?? "", fix);
        assert.deepEqual(judgeSettings(facts(...lines, answering()), ["ports", "counter"]), []);
      });
    }
    for (const [setting, ...lines] of [
      ["iptables: false", networks(), ...started("--iptables=false")],
      ["bridge: none", "networks []", ...started("", { bridge: "none" })],
      ["ip-masq: false", networks(option("enable_ip_masquerade", "false")), ...started("", { "ip-masq": false })],
    ] as const) {
      it(`${setting}, if images must be built`, () => {
        const labs: readonly LabName[] = ["ports", "counter"];
        const judged = judgeBuilds(facts(...lines, answering(), ...images(["ports"])), labs, config);
        assert.deepEqual(
          judged.map(({ what, why }) => [what, why]),
          [
            [
              `the engine runs with ${setting}, with which the images of the lab counter cannot be built`,
              "the steps of a build reach no package mirror, and the engine lacks dockernet/redis, dockernet/web",
            ],
          ],
        );
      });
    }
    it("nothing, if no setting is unusual", () => {
      const fine = facts(answering(), networks(), ...started("-D", { icc: true }));
      assert.deepEqual(judgeSettings(fine, LAB_NAMES), []);
      assert.deepEqual(judgeBuilds(fine, LAB_NAMES, config), []);
      assert.deepEqual(judgeSettings(facts(), LAB_NAMES), []);
    });
  });

  it("addresses by the setting that chooses them, and the overlay's block against the nodes' LAN", () => {
    const overlay = '{"subnet":"10.10.0.0/16"}';
    const raw = { labs: '["ports","overlay"]', ports: '{"subnet":"10.9.0.0/24","port":80}', overlay };
    const config = parseConfig({ project: "dockernet", stack: "mine" }, raw);
    const taken = "port 127.0.0.1:80 is taken by the process nginx (7)";
    const absent = "address 127.0.0.1 is on no interface of this host";
    const judged = judgeAddresses(config, [absent, taken]);
    assert.deepEqual(bad(judged), [
      `problem port: ${taken}`,
      `problem address: ${absent}`,
      "problem overlay-subnet: the overlay's block 10.10.0.0/24 overlaps the practice nodes' LAN 10.10.0.0/16",
    ]);
    const port = judged.find(({ id }) => id === "port");
    assert.match(port?.fix ?? "", /^set another port in dockernet:ports \(stacks\/Pulumi\.mine\.yaml\)/);
  });

  it("results of the components' own checks, and what they could not read", () => {
    const said = facts("check.ports ", "check.engine it is version 28.0.0", "unseen.package no lists");
    assert.deepEqual(bad(judgeChecks(said, "overlay")), [
      "skipped overlay-package: no lists",
      "problem overlay-engine: it is version 28.0.0",
    ]);
    assert.equal(judgeChecks(said, "overlay").length, 3);
  });

  it("a host without write access", () => {
    const judge = (...lines: string[]) => bad(judgeHost(facts(...lines), ["namespaces"]));
    assert.match(
      judge("user 0 root", "module.veth there", "unwritable /etc").join(),
      /problem read-only: \/etc is on a file system/,
    );
    assert.match(
      judge("user 1000 ann", "module.veth there", "unwritable /etc").join(),
      /^problem root: scripts run as ann/,
    );
  });

  describe("hosts against each other", () => {
    const access = { address: "", port: 22, user: "root", keyFile: "", hostKey: "", sudo: false };
    const known = (name: string, ...lines: string[]) => {
      const host: Host = { name, address: `10.0.0.${name.length}`, access, labs: ["overlay"] };
      return { host, facts: facts(...lines), between: [1000, 1002] as const, findings: [] };
    };

    it("two with the same name or the same machine-id", () => {
      const found = bad(alike([known("a", "hostname vm", "machine-id 1"), known("bb", "hostname vm", "machine-id 1")]));
      assert.deepEqual(found, [
        "problem hostname: its hostname is vm, as that of a",
        "warning machine-id: its machine-id is 1, as that of a",
      ]);
      assert.deepEqual(alike([known("a", "hostname a", "machine-id "), known("bb", "hostname b", "machine-id ")]), []);
    });

    it("a clock, by its minimum offset", () => {
      const at = (time: number) => bad(clocks([known("a", `time ${time}`)])).join();
      for (const time of [995, 1001, 1007]) assert.equal(at(time), "");
      assert.equal(at(990), "warning clock: its clock is 10 s behind this host's");
      assert.equal(at(1012), "warning clock: its clock is 10 s ahead of this host's");
    });

    const other = known("a", `engine ${JSON.stringify({ ServerVersion: "20.10.24" })}`);
    const quiet = ["tcp/2379 refused", "tcp/2380 open", "tcp/7946 refused", "udp/7946 refused", "udp/4789 refused"];
    const judge = (mtu: number, seen: readonly string[], to = other) =>
      bad(judgePeer(facts(...seen.map((line) => `10.0.0.1 ${line}`)), mtu, to));

    it("full-size packets", () => {
      assert.deepEqual(judge(1500, ["whole 1500", ...quiet]), []);
      assert.deepEqual(judge(9000, ["whole 9000", ...quiet]), []);
      assert.match(
        judge(9000, ["whole 1500", ...quiet]).join(),
        /^warning mtu: this side's MTU is 9000, but packets of more than 1500/,
      );
      assert.match(
        judge(1500, ["whole 1450", ...quiet]).join(),
        /^warning mtu: packets of more than 1450 bytes do not get to a whole$/,
      );
      assert.match(judge(1500, ["whole 0", ...quiet]).join(), /^skipped mtu: a does not answer ping/);
    });

    it("open ports, whether a process listens or not", () => {
      const silent = quiet.map((line) => line.replace(/ .*/, " silent"));
      const before = judge(1500, ["whole 1500", ...silent]);
      assert.deepEqual(
        before.map((line) => line.split(" ")[0]),
        ["problem", "problem", "problem", "warning", "warning"],
      );
      const store = known("a", `engine ${JSON.stringify({ ServerVersion: "20.10.24", ClusterStore: "etcd://x" })}`);
      const after = judge(1500, ["whole 1500", ...quiet.slice(0, 3), ...silent.slice(3)], store);
      assert.deepEqual(after, []);
      assert.equal(judge(1500, ["whole 1500"]).length, 5, "a host without bash");
    });

    it("their number", () => {
      assert.equal(judgeSize(3).level, "ok");
      assert.match(judgeSize(2).what, /^2 members tolerate 0 failures/);
    });
  });

  it("a passphrase if the backend needs one", () => {
    const folder = "file:///state";
    const judge = (backend: string, env: NodeJS.ProcessEnv, provider?: string) =>
      bad(passphrase(backend, provider, env)).length;
    assert.equal(judge(folder, { PULUMI_CONFIG_PASSPHRASE: "" }), 0);
    assert.equal(judge(folder, { PULUMI_CONFIG_PASSPHRASE_FILE: "/etc/hostname" }), 0);
    assert.equal(judge(folder, {}), 1);
    assert.equal(judge(folder, { PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere" }), 1);
    assert.equal(judge(folder, {}, "awskms"), 0);
    assert.equal(judge("https://api.pulumi.com", {}), 0);
  });
});

describe("lab doctor judges the requirements of Pulumi:", () => {
  it("the right passphrase, including an empty one", async () => {
    // Written by Pulumi 3.259 for an empty passphrase.
    const salt = "v1:2fmEnGk7llA=:v1:+rRKEdZ6p0uWs5gq:bJdjKacc7q1dELdY5vQam08dOSMOlw==";
    assert.deepEqual(await judgePassphrase(salt, { PULUMI_CONFIG_PASSPHRASE: "" }), []);
    assert.match(
      bad(await judgePassphrase(salt, { PULUMI_CONFIG_PASSPHRASE: "wrong" })).join(),
      /^problem passphrase: /,
    );
    assert.deepEqual(await judgePassphrase("of another kind", { PULUMI_CONFIG_PASSPHRASE: "" }), []);
    assert.deepEqual(await judgePassphrase(salt, {}), []);
  }).timeout(60_000);

  it("folders that can be written, existing or not", () => {
    assert.deepEqual(bad(judgeWritable([tmpdir(), join(tmpdir(), "not", "yet")])), []);
    assert.match(
      bad(judgeWritable(["/proc"])).join(),
      /^problem writable: cannot access \/proc|the disk of \/proc is full/,
    );
  });
});

describe("lab doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-doctor-"));
  after(() => rmSync(folder, { recursive: true }));

  it("reads settings as Pulumi prints them, and reports problems in a preview's words", () => {
    const raw = parseStackConfig(
      JSON.parse(
        '{"dockernet:labs":{"value":"[\\"ports\\"]","objectValue":["ports"],"secret":false},"aws:region":{"value":"x"}}',
      ),
    );
    assert.deepEqual(raw, { labs: '["ports"]' });
    const identity = { project: "dockernet", stack: "mine" };
    const checked = checkSettings("someone/dockernet/mine", raw);
    assert.deepEqual("config" in checked && checked.config, parseConfig(identity, raw, process.env.DOCKERNET_IMAGES));
    const wrong = checkSettings("mine", { prots: "80" });
    assert.throws(
      () => parseConfig(identity, { prots: "80" }),
      new RegExp(`^Error: ${"wrong" in wrong && wrong.wrong.what.split("\n")[0]}`.replace(/[()]/g, "\\$&")),
    );
  });

  it("knows which labs are on which host", () => {
    const labs = JSON.stringify(TOGETHER);
    const config = (raw: Record<string, string>) =>
      parseConfig({ project: "dockernet", stack: "mine" }, { labs, ...raw });
    const practice = config({ namespaces: '{"host":"docker-node1"}' });
    assert.deepEqual(labsHere(practice), TOGETHER);
    assert.deepEqual(
      labsOfUser(practice),
      TOGETHER.filter((lab) => lab !== "namespaces"),
    );
    assert.deepEqual(labsOn(practice, "docker-node1"), ["namespaces", "overlay"]);
    const keyFile = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
    const hosts = JSON.stringify([{ name: "a", address: "10.0.0.1", hostKey: "ssh-ed25519 AAAA", keyFile }]);
    const own = config({ hosts, namespaces: '{"host":"a"}' });
    assert.ok(!labsOfUser(own).includes("namespaces"));
    assert.deepEqual(labsHere(own), ["ports", "counter", "bridge", "links", "isolation", "macvlan"]);
    assert.deepEqual(labsOn(own, "a"), ["namespaces", "overlay"]);
  });

  it("reports the worst findings first, fine ones only on request, and how to fix the rest", () => {
    const findings = [
      { on: "here", id: "a", level: "ok", what: "fine" },
      { on: "here", id: "b", level: "warning", what: "odd" },
      { on: "there", id: "c", level: "problem", what: "settings:\n  one\n  two", why: "it matters", fix: "do it" },
    ] as const;
    assert.equal(
      report(findings),
      [
        "PROBLEM  there  settings:",
        "                  one",
        "                  two",
        "                  Reason: it matters",
        "                  Fix: do it",
        "warning  here   odd",
        "",
        "1 problem, 1 warning, 0 skipped, 1 ok",
      ].join("\n"),
    );
    assert.match(report(findings, true), /^ok {7}here {3}fine$/m);
    assert.equal(hasProblem(findings), true);
    assert.equal(hasProblem(findings.slice(0, 2)), false);
  });
});
