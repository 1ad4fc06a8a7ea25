import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fingerprint } from "../../lab/commands/doctor/access.ts";
import { lookBetween } from "../../lab/commands/doctor/between.ts";
import { runDoctor } from "../../lab/commands/doctor/doctor.ts";
import type { Finding } from "../../lab/commands/doctor/finding.ts";
import { lookAtHost } from "../../lab/commands/doctor/host.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { parseConfig } from "../../stacks/config.ts";
import type { LabName } from "../../stacks/labs/index.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { attempt, run, which } from "../../toolchain/run.ts";
import { type SshServer, startSshServer } from "../sshServer.ts";
import { type Environment, makeEnvironment } from "./environment.ts";

/** Findings other than `ok`, as lines `level id: what`. */
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== "ok").map(({ level, id, what }) => `${level} ${id}: ${what}`);

const listener = async (greeting = ""): Promise<{ port: number; server: Server }> => {
  const server = createServer((socket) => socket.on("error", () => {}).write(greeting)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as { port: number }).port, server };
};

describe("lab doctor on this host", function () {
  this.timeout(180_000);
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-doctor-"));
  const path = process.env.PATH ?? "";
  let lab: Environment;

  before(async () => {
    lab = await makeEnvironment({ labs: ["ports", "links"] });
  });
  after(async () => {
    await lab.remove();
    rmSync(work, { recursive: true });
  });
  afterEach(() => {
    process.env.PATH = path;
    lab.settle({ labs: ["ports", "links"] });
  });

  const look = async () => bad(await runDoctor(lab.name, lab.env));
  /** Puts a program on PATH before the real one of its name. */
  const stand = (program: string, script: string) => {
    writeFileSync(join(work, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${work}${delimiter}${path}`;
  };

  it("reports no problem for an environment that can come up, nor for one that is up", async () => {
    assert.deepEqual(await look(), []);
    lab.settle({ labs: ["ports"] });
    await lab.stack.up();
    assert.deepEqual(await look(), []);
  });

  it("calls nothing that changes the host, and leaves no file", async () => {
    const log = join(work, "calls");
    const watched = [
      "docker",
      "ip",
      "iptables",
      "iptables-nft-save",
      "iptables-legacy-save",
      "nft",
      "modprobe",
      "ssh",
      "apt-get",
    ];
    for (const program of watched) {
      stand(
        program,
        `printf "%s\\n" "$(echo "${program} $*" | tr "\\n" " ")" >>${log}\nexec ${which(program) ?? "false"} "$@"`,
      );
    }
    const files = () =>
      run("sh", [
        "-c",
        `ls -l ~/.ssh 2>/dev/null; find ${PROJECT}/stacks ${lab.env.PULUMI_BACKEND_URL?.slice(7)} -printf '%p %T@\\n'`,
      ]);
    const before = await files();
    await look();
    assert.equal(await files(), before);
    const calls = readFileSync(log, "utf8").trim().split("\n");
    const looks = [
      /^docker (info|version|ps|image ls|network ls|network inspect|context inspect) /,
      /^ip (-o )?-4 (address|route) show ?$/,
      /^ip -4 (-oneline (rule show|route show table all)|route get \S+) ?$/,
      /^iptables --version ?$/,
      /^iptables-(nft|legacy)-save *$/,
      /^nft -j list ruleset ?$/,
      /^modprobe --dry-run --quiet \w+ ?$/,
    ];
    assert.deepEqual(
      calls.filter((call) => !looks.some((each) => each.test(call))),
      [],
    );
    assert.ok(calls.length > 5, calls.join());
  });

  it("names the holder of a port, a subnet or a route, and the setting that chooses another", async () => {
    const { port, server } = await listener();
    const [network, routed] = [subnet, subnet.replace(/^10\.\d+/, "10.63")];
    const name = `dockernet-doctor-${randomBytes(4).toString("hex")}`;
    await run("docker", ["network", "create", "--subnet", network, name]);
    await run("ip", ["route", "add", routed, "dev", "lo"]);
    const lan = subnet.replace(/^10\.\d+/, "10.62");
    const bridge = `br-${randomBytes(4).toString("hex")}`;
    await run("ip", ["link", "add", bridge, "type", "bridge"]);
    try {
      await run("ip", ["address", "add", lan.replace("0/24", "1/24"), "dev", bridge]);
      await run("ip", ["link", "set", bridge, "up"]);
      lab.settle({
        labs: ["ports", "links", "bridge"],
        ports: { port, subnet: network },
        links: { subnet: routed },
        bridge: { subnet: lan },
      });
      const findings = await runDoctor(lab.name, lab.env);
      assert.deepEqual(
        bad(findings).sort(),
        [
          `problem port: port 127.0.0.1:${port} is taken by the process node (${process.pid})`,
          `problem subnet: ${network} overlaps the network ${name} (${network})`,
          `problem subnet: ${routed} overlaps a route of this host (${routed} dev lo scope link)`,
          `problem subnet: ${lan} overlaps a route of this host (${lan} dev ${bridge} proto kernel scope link src ${lan.replace("0/24", "1")})`,
        ].sort(),
      );
      const [fix] = findings.filter(({ id, level }) => id === "port" && level === "problem").map((each) => each.fix);
      assert.equal(fix, `set another port in dockernet:ports (stacks/Pulumi.${lab.name}.yaml), or remove what has it`);
    } finally {
      server.close();
      await run("ip", ["route", "del", routed, "dev", "lo"]);
      await run("ip", ["link", "del", bridge]);
      await run("docker", ["network", "rm", name]);
    }
  });

  it("reports an engine that is too new, denies access, hangs, or is missing", async () => {
    const real = which("docker");
    const info = (script: string) => stand("docker", `case $1 in info) ${script} ;; *) exec ${real} "$@" ;; esac`);
    info(`echo 'engine {"ServerVersion":"30.0.1","OSType":"linux"}'`);
    assert.match(
      (await look()).join("\n"),
      /^problem engine-version: lab links is not supported on engine 30\.0\.1: links on the default bridge were removed in 30\.0$/m,
    );
    info("echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1");
    assert.match((await look()).join("\n"), /^problem engine: user \S+ may not use the engine/m);
    // Longer than mocha's timeout for this test.
    info("exec sleep 600");
    assert.match((await look()).join("\n"), /^problem engine: no engine answers: timeout$/m);
  });

  it("reports wrong settings in the same words as a preview", async () => {
    lab.settle({ labs: ["ports"], ports: { prot: 80 } });
    const said = "ports.prot: no such setting; there are subnet, gateway, port";
    assert.ok((await look()).join().includes(said));
    await assert.rejects(lab.stack.preview(), (error: Error) => error.message.includes(said));
  });

  it("reports a file that is not YAML in the same words as npm start and npx pulumi, with the line", async () => {
    const said = `stacks/Pulumi.${lab.name}.yaml:2: a tab; YAML is indented by spaces`;
    writeFileSync(join(PROJECT, "stacks", `Pulumi.${lab.name}.yaml`), "config:\n\tdockernet:labs: [ports]\n");
    assert.deepEqual(await look(), [`problem settings: ${said}`]);
    for (const [command = "", ...args] of [
      ["npx", "pulumi", "preview", "-s", lab.name],
      ["npx", "pulumi", "up", `--stack=${lab.name}`],
      ["npm", "start", "--silent", "--", lab.name],
    ]) {
      const { stdout, stderr } = await run(command, args, { cwd: PROJECT, env: lab.env }).then(
        () => assert.fail(`${command} ${args.join(" ")} succeeded`),
        (error) => error,
      );
      assert.deepEqual([stdout, stderr.trim()], ["", `error: ${said}`], `${command} ${args.join(" ")}`);
    }
  });

  it("is a command with exit codes, and works for an environment that Pulumi does not know yet", async () => {
    const command = (...args: string[]) => run("npx", ["lab", "doctor", ...args], { cwd: PROJECT });
    const known = JSON.parse(await command("basics", "--json").catch((error) => error.stdout));
    assert.ok(
      known.some(({ id, level }: Finding) => id === "engine" && level === "ok"),
      JSON.stringify(known),
    );
    await assert.rejects(command("vms"), {
      code: 1,
      stdout: /^PROBLEM {2}settings .*\n.*hosts\.0\.hostKey: expected ssh-ed25519/,
    });
    await assert.rejects(command("nowhere"), {
      code: 2,
      stderr: /^error: there is no environment nowhere in stacks\/; there are basics/,
    });
  });

  it("reports the lock of an exited pulumi, and a missing passphrase", async () => {
    const folder = join(lab.env.PULUMI_BACKEND_URL?.slice(7) ?? "", ".pulumi/locks/organization/dockernet", lab.name);
    const lock = {
      pid: 2 ** 22 + 1,
      username: "ann",
      hostname: await run("hostname", []),
      timestamp: "2026-01-01T00:00:00Z",
    };
    await run("mkdir", ["-p", folder]);
    writeFileSync(join(folder, "lock.json"), JSON.stringify(lock));
    try {
      const env = { ...lab.env, PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere" };
      const found = bad(await runDoctor(lab.name, env)).join("\n");
      assert.match(found, /^problem lock: the stack is locked by process 4194305 of ann on /m);
      assert.match(found, /^problem passphrase: the file of the passphrase, \/nowhere, does not exist$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("lab doctor on a user's hosts", function () {
  this.timeout(400_000);
  const work = mkdtempSync(join(tmpdir(), "dockernet-doctor-"));
  const names = [1, 2].map((number) => `dockernet-doctor-${randomBytes(4).toString("hex")}-${number}`);
  const hosts: { server: SshServer; address: string; pid: string }[] = [];
  const keyFile = join(work, "key");

  before(async () => {
    for (const name of names) {
      const server = await startSshServer(name, mkdtempSync(join(work, "server-")), randomBytes(12).toString("hex"));
      const format = "{{.NetworkSettings.IPAddress}} {{.State.Pid}}";
      const [address = "", pid = ""] = (await run("docker", ["inspect", "--format", format, name])).split(" ");
      hosts.push({ server, address, pid });
    }
    writeFileSync(keyFile, hosts[0]?.server.connection.privateKey ?? "", { mode: 0o600 });
    // The same key for both.
    await on(1, "sh", "-c", `echo '${await run("ssh-keygen", ["-y", "-f", keyFile])}' >>/root/.ssh/authorized_keys`);
    for (const index of [0, 1]) await engine(index, "20.10.24");
  });
  after(async () => {
    for (const name of names) await attempt("docker", ["rm", "--force", name]);
    rmSync(work, { recursive: true });
  });

  const host = (index: number) => hosts[index] ?? assert.fail();
  const on = (index: number, ...command: string[]) => host(index).server.exec(...command);
  /** Changes the network of one host only. */
  const net = (index: number, ...command: string[]) => run("nsenter", ["-t", host(index).pid, "-n", ...command]);
  /** Gives a host a docker command that reports an engine of that version. */
  const engine = async (index: number, version: string) => {
    const info = `{"ServerVersion":"${version}","OSType":"linux","DockerRootDir":"/"}`;
    const script = `#!/bin/sh\ncase "$*" in *json*) echo 'engine ${info}';; version*) echo ${version};; *Swarm*) echo inactive;; esac\n`;
    await on(index, "sh", "-c", `printf '%s' "$0" >/usr/local/bin/docker; chmod +x /usr/local/bin/docker`, script);
  };
  const look = (index: number, change: Partial<HostAccess> = {}, labs: readonly LabName[] = ["overlay"]) => {
    const { server, address } = host(index);
    const access = {
      address,
      port: 22,
      user: "root",
      keyFile,
      hostKey: server.connection.hostKey.trim(),
      sudo: false,
      ...change,
    };
    const config = parseConfig({ project: "dockernet", stack: "doctor" }, { labs: '["overlay"]' });
    return lookAtHost(config, { name: `node${index + 1}`, address, access, labs }, false);
  };
  const refused = async (change: Partial<HostAccess>) => bad((await look(0, change)).findings).join("\n");
  const file = (text: string, mode: number) => {
    const path = join(work, `key-${randomBytes(4).toString("hex")}`);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it("changes nothing on a host", async () => {
    // A login itself writes the message of the day.
    const files =
      "find / -xdev -path /run/motd.dynamic -prune -o -type f -newer /keys/user -printf '%p %T@ %m\\n' | sort; ls /root/.ssh";
    const network = "ip address; ip route; iptables-nft-save | grep -v '^[#:]'; cat /proc/net/ip_tables_names";
    const state = async () => `${await on(0, "sh", "-c", files)}\n${await net(0, "sh", "-c", network)}`.split("\n");
    const before = await state();
    await lookBetween([await look(0), await look(1)]);
    assert.deepEqual(await state(), before);
  });

  it("distinguishes the causes of a failed login, each within a time limit", async () => {
    const { server, address } = host(0);
    const mute = await listener();
    const web = await listener("HTTP/1.1 400 Bad Request\r\n");
    const local = { address: "127.0.0.1" };
    const key = server.connection.privateKey;
    const cases: readonly [Partial<HostAccess>, RegExp][] = [
      [{ ...local, port: 1 }, /^problem ssh: 127\.0\.0\.1:1: connection refused$/],
      [{ ...local, port: mute.port }, /^problem ssh: \S+: connected, but no SSH banner within 3 s$/],
      [{ ...local, port: web.port }, /^problem ssh: \S+ is not an SSH server: it sent "HTTP\/1\.1 400 Bad Request"$/],
      [{ keyFile: join(work, "none") }, /^problem ssh-key: the private key \S+ does not exist$/],
      [{ keyFile: file(key, 0o644) }, /^problem ssh-key: the private key \S+ has mode 0644$/],
      [
        { keyFile: file(server.lockedKey, 0o600) },
        /^problem ssh-key: the private key \S+ is protected by a passphrase$/,
      ],
      [{ keyFile: file("no key", 0o600) }, /^problem ssh-key: \S+ is not a private key that ssh can read: /],
      [{ keyFile: file(server.strangerKey, 0o600) }, new RegExp(`^problem ssh-key: root@${address} rejects the key `)],
      [{ user: "nobody-here" }, /^problem ssh-key: nobody-here@\S+ rejects the key /],
    ];
    for (const [change, expected] of cases) {
      const began = performance.now();
      assert.match(await refused(change), expected);
      assert.ok(performance.now() - began < 10_000, JSON.stringify(change));
    }
    for (const { server: each } of [mute, web]) each.close();
  });

  it("shows both fingerprints if a host key differs", async () => {
    const { server } = host(0);
    const [theirs, ours] = [server.connection.hostKey, server.otherKey].map(fingerprint);
    const { address } = host(0);
    const what = `problem host-key: ${address} shows the host key ${theirs}, and the settings have ${ours}`;
    assert.equal(await refused({ hostKey: server.otherKey.trim() }), what);
    assert.ok((await on(0, "ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub")).includes(theirs ?? "?"));
  });

  it("distinguishes a silent host from a blocked port", async () => {
    const rule = (verb: string, target: string[]) =>
      net(0, "iptables", verb, "INPUT", "-p", "tcp", "--dport", "22", "-j", ...target);
    for (const [target, expected] of [
      [["DROP"], /^problem ssh: \S+:22: connection timed out after 3 s$/],
      [["REJECT", "--reject-with", "icmp-host-unreachable"], /^problem ssh: \S+:22: no route to host$/],
    ] as const) {
      await rule("-I", [...target]);
      try {
        assert.match(await refused({}), expected);
      } finally {
        await rule("-D", [...target]);
      }
    }
  });

  it("distinguishes a sudo that asks for a password, one that refuses, and a missing one", async () => {
    const home = "useradd -m -s /bin/sh ann && cp -r /root/.ssh /home/ann/ && chown -R ann /home/ann";
    await on(0, "sh", "-c", `${home} && echo 'ann ALL=(ALL) ALL' >/etc/sudoers.d/ann`);
    assert.match(await refused({ user: "ann", sudo: true }), /^problem sudo: sudo asks ann for a password$/);
    await on(0, "sh", "-c", "echo 'ann ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann");
    assert.doesNotMatch(await refused({ user: "ann", sudo: true }), /sudo|root/);
    assert.match(
      await refused({ user: "ann" }),
      /^problem root: scripts run as ann, and only root may do what they do$/m,
    );
    await on(0, "mv", "/usr/bin/sudo", "/usr/bin/sudo.gone");
    assert.match(await refused({ user: "ann", sudo: true }), /^problem sudo: sudo is not installed$/);
    await on(0, "mv", "/usr/bin/sudo.gone", "/usr/bin/sudo");
  });

  it("reports on a host what an up would refuse there, in the components' words", async () => {
    const said = bad((await look(0)).findings).join("\n");
    assert.match(said, /^problem overlay-supervisor: etcd member node1: this host is not run by systemd$/m);
    assert.match(said, /^problem overlay-engine: .* it is not run by systemd as docker\.service$/m);
    assert.match(said, /^skipped overlay-package: etcd member node1: which etcd apt would install is unknown/m);
    await engine(0, "28.2.2");
    await on(0, "mkdir", "-p", "/var/lib/dockernet-etcd-node1");
    await on(0, "sh", "-c", "echo other >/var/lib/dockernet-etcd-node1/token");
    try {
      const worse = bad((await look(0)).findings).join("\n");
      assert.match(
        worse,
        /^problem overlay-engine: .* it is version 28\.2\.2, and Docker dropped cluster stores in 23\.0/m,
      );
      assert.match(worse, /^problem overlay-data: .* has the data of another cluster \(other\)/m);
    } finally {
      await on(0, "rm", "-r", "/var/lib/dockernet-etcd-node1");
      await engine(0, "20.10.24");
    }
  });

  it("checks hosts against each other: ports, full-size packets, names, clocks", async () => {
    const both = async () => Promise.all([look(0), look(1)]);
    const whole = bad(await lookBetween(await both()));
    assert.deepEqual(whole, [], whole.join("\n"));

    await net(1, "iptables", "-I", "INPUT", "-p", "tcp", "--dport", "2380", "-j", "DROP");
    await net(1, "iptables", "-I", "INPUT", "-p", "udp", "--dport", "4789", "-j", "DROP");
    await net(1, "ip", "link", "set", "dev", "eth0", "mtu", "1400");
    const date = "#!/bin/sh\\nexec /usr/bin/date -d '60 seconds ago' \"$@\"\\n";
    await on(1, "sh", "-c", `printf "%b" "$0" >/usr/local/bin/date; chmod +x /usr/local/bin/date`, date);
    await on(
      1,
      "sh",
      "-c",
      `printf '#!/bin/sh\\necho ${await on(0, "hostname")}\\n' >/usr/local/bin/hostname; chmod +x /usr/local/bin/hostname`,
    );
    const broken = bad(await lookBetween(await both()));
    for (const expected of [
      /^problem hostname: its hostname is \S+, as that of node1$/,
      /^warning clock: its clock is (5\d|60) s behind this host's$/,
      /^warning mtu: packets of more than 1400 bytes do not get to node[12] whole$/,
      /^problem peer-port: tcp\/2380 of node2, for etcd's members, is silent/,
      /^warning peer-port: udp\/4789 of node2, for VXLAN, is silent/,
    ]) {
      assert.ok(
        broken.some((line) => expected.test(line)),
        `${expected} of\n${broken.join("\n")}`,
      );
    }
  });
});
