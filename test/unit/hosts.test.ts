import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { HostSettings } from "../../stacks/fields.ts";
import { accessToOwn, ownHost } from "../../stacks/hosts.ts";

const SETTINGS = { name: "a", address: "10.0.0.1", hostKey: "ssh-ed25519 AAAA", sudo: false, slowness: 1, gone: false };

describe("ownHost", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-hosts-"));
  after(() => rmSync(folder, { recursive: true }));

  const host = (keyFile: string) => ownHost({ ...SETTINGS, keyFile });
  const makeKey = (name: string, ...options: string[]) => {
    const file = join(folder, name);
    execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
    return file;
  };
  const openKey = (name: string) => makeKey(name, "-t", "ed25519", "-N", "");
  const lockedKey = (name: string) => makeKey(name, "-t", "ed25519", "-N", "a passphrase");
  /** A file in the format of ssh_config(5) with these lines. */
  const configFile = (...lines: string[]) => {
    const file = join(folder, "config");
    writeFileSync(file, [...lines, ""].join("\n"));
    return file;
  };
  /** A host whose entry in an sshConfig has these lines. */
  const configured = (...lines: string[]) =>
    ownHost({ ...SETTINGS, sshConfig: configFile("Host a", ...lines.map((line) => `  ${line}`)) });
  /** Runs a function while an SSH agent has these keys. */
  const withAgent = async <T>(keys: readonly string[], act: () => T): Promise<T> => {
    const socket = join(folder, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      await once(agent.stdout, "data");
      process.env.SSH_AUTH_SOCK = socket;
      if (keys.length > 0) execFileSync("ssh-add", ["-q", ...keys], { stdio: "ignore" });
      return act();
    } finally {
      delete process.env.SSH_AUTH_SOCK;
      agent.kill();
      await once(agent, "exit");
    }
  };

  for (const [what, options] of [
    ["OpenSSH's format", ["-t", "ed25519"]],
    ["PEM", ["-t", "ecdsa", "-m", "PEM"]],
    ["PKCS#8", ["-t", "ecdsa", "-m", "PKCS8"]],
  ] as const) {
    it(`reads a key in ${what}, and refuses one with a passphrase by the name of its file`, () => {
      assert.match(host(makeKey(`${options.at(-1)}-open`, ...options, "-N", "")).privateKey ?? "", /PRIVATE KEY/);
      const locked = makeKey(`${options.at(-1)}-locked`, ...options, "-N", "a passphrase");
      const message = `keyFile: ${locked} is protected by a passphrase, and Pulumi has no terminal to ask for it; load it into an ssh agent (ssh-add ${locked}) and leave keyFile out, or use a key without one`;
      assert.throws(() => host(locked), { message });
    });
  }

  it("refuses connections and keys that the provider does not support, each by name", () => {
    const key = openKey("configured");
    const file = `IdentityFile ${key}`;
    assert.deepEqual(configured(file, "HostName 10.0.0.2", "User ann", "Port 2222", "ProxyCommand none").ssh, {
      address: "10.0.0.2",
      user: "ann",
      port: 2222,
      keyFile: key,
    });
    for (const way of ["ProxyCommand nc %h %p", "BindAddress 10.9.9.9", "BindInterface eth7"]) {
      const message = `sshConfig: a is reached by ${way}, which Pulumi cannot do; expected a HostName that this host or one ProxyJump reaches`;
      assert.throws(() => configured(file, way), { message });
    }
    for (const proof of ["CertificateFile /keys/cert", "PKCS11Provider /lib/token.so"]) {
      const message = `sshConfig: a has ${proof}, which Pulumi cannot read; expected an IdentityFile, or an ssh agent that holds the key`;
      assert.throws(() => configured(file, proof), { message });
    }
  });

  it("expands tokens in the path of a key like ssh", () => {
    mkdirSync(join(folder, "a 100% b", "10.0.0.2"), { recursive: true });
    const file = openKey("a 100% b/10.0.0.2/ann");
    const line = `IdentityFile "${folder}/a 100%% b/%h/%r"`;
    assert.equal(configured("HostName 10.0.0.2", "User ann", line).ssh.keyFile, file);
  });

  it("detects a public key", () => {
    const key = openKey("pair");
    assert.throws(() => host(`${key}.pub`), {
      message: `keyFile: ${key}.pub is a public key; expected the private one, often ${key}`,
    });
  });

  it("refuses a key that others can read, and says how to restrict it", () => {
    const file = openKey("others");
    chmodSync(file, 0o644);
    const message = `keyFile: ${file} is open to others (mode 0644), and ssh wants it closed: chmod 600 ${file}`;
    assert.throws(() => host(file), { message });
    assert.throws(() => configured(`IdentityFile ${file}`), { message });
  });

  describe("with an SSH agent", () => {
    const none = /Could not open a connection to your authentication agent/;

    it("uses an agent that holds a key, if no file has it", async () => {
      const locked = lockedKey("agent-locked");
      const own = ["id_rsa", "id_ecdsa", "id_ed25519"].map((name) => join(homedir(), ".ssh", name));
      await withAgent([openKey("agent-key")], () => {
        const all = [
          ownHost(SETTINGS),
          configured(`IdentityFile ${locked}`),
          configured(`IdentityFile ${locked}.pub`),
          configured(`IdentityFile ${join(folder, "absent")}`, "IdentityAgent SSH_AUTH_SOCK"),
          ...(own.some((file) => existsSync(file)) ? [] : [configured("User ann")]),
        ];
        for (const { ssh, ...rest } of all) {
          assert.equal("keyFile" in ssh || "privateKey" in rest, false);
          assert.equal(JSON.stringify([ssh, rest]).includes("agent"), false, "the socket differs at each login");
        }
        assert.throws(() => host(locked), /^Error: keyFile: \S+ is protected by a passphrase/);
      });
    });

    it("prefers a readable file", async () => {
      const file = openKey("agent-file");
      await withAgent([file], () => {
        const locked = lockedKey("agent-second");
        assert.equal(configured(`IdentityFile ${locked}`, `IdentityFile ${file}`).ssh.keyFile, file);
      });
    });

    it("names both options if there is no agent, or one without a key", async () => {
      const ways = "keyFile: expected the path of a private key, or one in the ssh agent (ssh-add FILE); ssh-add -l: ";
      assert.throws(() => ownHost(SETTINGS), none);
      await withAgent([], () =>
        assert.throws(() => ownHost(SETTINGS), { message: `${ways}The agent has no identities` }),
      );
      process.env.SSH_AUTH_SOCK = join(folder, "nobody");
      const stale = `${ways}Error connecting to agent: No such file or directory`;
      assert.throws(() => ownHost(SETTINGS), { message: stale });
      delete process.env.SSH_AUTH_SOCK;
      const [locked, absent] = [lockedKey("unloaded"), join(folder, "absent")];
      assert.throws(() => configured(`IdentityFile ${locked}`, `IdentityFile ${absent}`), {
        message: `${ways}Could not open a connection to your authentication agent; sshConfig has none without a passphrase for a: ${locked}, ${absent}`,
      });
    });

    it("refuses an agent that the environment does not set, unless a file has the key", () => {
      const message =
        "sshConfig: a has IdentityAgent /run/other, and only the ssh agent at SSH_AUTH_SOCK is asked; leave IdentityAgent out and set SSH_AUTH_SOCK, or set keyFile";
      assert.throws(() => configured(`IdentityFile ${join(folder, "absent")}`, "IdentityAgent /run/other"), {
        message,
      });
      const key = openKey("beside-agent");
      assert.equal(configured(`IdentityFile ${key}`, "IdentityAgent /run/other").ssh.keyFile, key);
    });

    it("asks no agent for a host that is gone", () => {
      const { ssh, privateKey } = ownHost({ ...SETTINGS, gone: true });
      assert.deepEqual([ssh.keyFile, privateKey], [undefined, ""]);
    });
  });

  describe("behind a jump host", () => {
    let key: string;
    let hostKey: string;
    let other: string;
    let known: string;
    before(() => {
      key = openKey("jump-user");
      const lineOf = (file: string) => readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
      [hostKey = "", other = ""] = [openKey("jump-host"), openKey("jump-other")].map(lineOf);
      known = join(folder, "known hosts");
    });
    /** A host whose sshConfig has these lines, with this entry for the jump host. */
    const behind = (proxyJump: string, entry: readonly string[] = [], settings: Partial<HostSettings> = {}) =>
      ownHost({
        ...SETTINGS,
        sshConfig: configFile(
          `Host a\n  IdentityFile ${key}\n  ProxyJump ${proxyJump}`,
          ["Host bastion", ...entry].join("\n  "),
          `Host *\n  UserKnownHostsFile "${known}" ${folder}/none`,
        ),
        ...settings,
      });
    const knows = (...lines: string[]) => writeFileSync(known, [...lines, ""].join("\n"));

    it("reads everything from an sshConfig, like ssh", () => {
      const own = openKey("jump-own");
      knows(`bastion.example.org,10.0.0.9 ${hostKey}`, `[bastion.example.org]:2222 ${other} a comment`, "# a remark");
      const entry = ["HostName bastion.example.org", "User ann", `IdentityFile ${own}`];
      const address = "bastion.example.org";
      const { jump } = behind("bastion", entry);
      assert.deepEqual(jump, {
        address,
        user: "ann",
        port: 22,
        hostKey,
        keyFile: own,
        privateKey: readFileSync(own, "utf8"),
      });
      const there = behind("ben@bastion:2222", entry).jump;
      assert.deepEqual([there?.user, there?.port, there?.hostKey], ["ben", 2222, other]);
      assert.equal(behind("none").jump, undefined);
    });

    it("uses the host's own key if the jump host has none, from a file or the agent", async () => {
      knows(`bastion ${hostKey}`);
      assert.deepEqual(behind("root@bastion", [`IdentityFile ${folder}/absent`]).jump, {
        address: "bastion",
        user: "root",
        port: 22,
        hostKey,
        keyFile: key,
        privateKey: readFileSync(key, "utf8"),
      });
      await withAgent([key], () => {
        const jump = { address: "bastion", hostKey };
        assert.deepEqual(ownHost({ ...SETTINGS, jump }).jump, { ...jump, user: "root", port: 22 });
        const locked = lockedKey("jump-locked");
        const { jump: by, privateKey } = behind("bastion", [`IdentityFile ${locked}`]);
        assert.equal(privateKey, readFileSync(key, "utf8"));
        assert.equal(by && ("keyFile" in by || "privateKey" in by), false);
      });
    });

    it("prefers the settings to the sshConfig, and needs no sshConfig", () => {
      const jump = { address: "192.0.2.7", user: "ann", port: 2222, keyFile: key, hostKey };
      const all = { ...jump, privateKey: readFileSync(key, "utf8") };
      assert.deepEqual(ownHost({ ...SETTINGS, keyFile: openKey("own"), jump }).jump, all);
      assert.deepEqual(behind("one,two", [], { jump }).jump, all);
      knows();
      const partly = behind("bastion", ["User ben"], { jump: { hostKey, port: 24 } }).jump;
      assert.deepEqual([partly?.address, partly?.user, partly?.port, partly?.hostKey], ["bastion", "ben", 24, hostKey]);
    });

    it("passes the connection to the lab command, without a private key", () => {
      const jump = { address: "192.0.2.7", user: "ann", port: 2222, hostKey };
      const access = accessToOwn(ownHost({ ...SETTINGS, keyFile: key, jump }));
      assert.deepEqual(access.jump, { ...jump, keyFile: key });
    });

    it("reads known_hosts like ssh: hashed, by an alias, in IPv6, and without revoked keys", () => {
      knows(`bastion ${hostKey}`);
      execFileSync("ssh-keygen", ["-q", "-H", "-f", known], { stdio: "ignore" });
      assert.match(readFileSync(known, "utf8"), /^\|1\|/);
      assert.equal(behind("bastion").jump?.hostKey, hostKey);
      knows(`alias ${other}`, `@revoked alias ${hostKey}`, `alias ${hostKey}`);
      assert.equal(behind("bastion:2222", ["HostKeyAlias alias"]).jump?.hostKey, other);
      knows(`[fd00::9]:2222 ${hostKey}`);
      const { jump } = behind("ann@[fd00::9]:2222");
      assert.deepEqual([jump?.address, jump?.user, jump?.port, jump?.hostKey], ["fd00::9", "ann", 2222, hostKey]);
    });

    it("is refused without its host key, in a sentence that says how to get it", () => {
      const message = (got: number) =>
        `jump.hostKey: expected one ed25519 host key of [bastion]:2222 in the known_hosts files of sshConfig, got ${got}; set jump.hostKey to what ssh-keyscan -t ed25519 -p 2222 bastion shows, once you have compared it on that host: cat /etc/ssh/ssh_host_ed25519_key.pub`;
      const named = "[bastion]:2222";
      for (const [lines, got] of [
        [[], 0],
        [[`bastion ${hostKey}`], 0],
        [[`${named} ssh-rsa AAAA`], 0],
        [[`@cert-authority ${named} ${hostKey}`], 0],
        [[`${named} ${hostKey}`, `${named} ${other}`], 2],
      ] as const) {
        knows(...lines);
        assert.throws(() => behind("bastion:2222"), { message: message(got) });
      }
      rmSync(known);
      assert.throws(() => behind("bastion:2222"), { message: message(0) });
      assert.throws(() => ownHost({ ...SETTINGS, keyFile: key, jump: { address: "bastion" } }), {
        message: "jump.hostKey: expected the jump host's ed25519 host key, as ssh-keyscan -t ed25519 shows it",
      });
    });

    it("is refused without an address", () => {
      const message = "jump.address: expected an address or name, or an sshConfig that has a ProxyJump for a";
      assert.throws(() => ownHost({ ...SETTINGS, keyFile: key, jump: { hostKey } }), { message });
      assert.throws(() => behind("none", [], { jump: { hostKey } }), { message });
    });

    it("is refused in a chain, and with connections that Pulumi does not support", () => {
      knows(`bastion ${hostKey}`);
      const chain = (value: string) =>
        `sshConfig: a is reached by ProxyJump ${value}, a chain of jump hosts, and Pulumi can use one; expected a single host`;
      assert.throws(() => behind("one,two"), { message: chain("one,two") });
      assert.throws(() => behind("bastion", ["ProxyJump outer"]), { message: chain("bastion, and that one by outer") });
      for (const [line, message] of [
        [
          "ProxyCommand nc %h %p",
          /^sshConfig: bastion, the jump host of a, is reached by ProxyCommand nc %h %p, which/,
        ],
        ["CertificateFile /c", /^sshConfig: bastion, the jump host of a, has CertificateFile \/c, which Pulumi cannot/],
      ] as const) {
        assert.throws(() => behind("bastion", [line]), { message });
      }
    });

    it("is refused with an unusable key, by the setting's name", () => {
      knows(`bastion ${hostKey}`);
      const locked = lockedKey("jump-closed");
      const jump = { address: "bastion", hostKey, keyFile: locked };
      assert.throws(() => ownHost({ ...SETTINGS, keyFile: key, jump }), {
        message: new RegExp(`^jump\\.keyFile: ${locked} is protected by a passphrase`),
      });
      assert.throws(() => ownHost({ ...SETTINGS, keyFile: key, jump: { ...jump, keyFile: `${key}.pub` } }), {
        message: `jump.keyFile: ${key}.pub is a public key; expected the private one, often ${key}`,
      });
      assert.throws(() => behind("bastion", [`IdentityFile ${locked}`]), {
        message: /^jump\.keyFile: expected the path.*; sshConfig has none without a passphrase for jump host bastion: /,
      });
    });

    it("is ignored for a host that is gone", () => {
      assert.equal(behind("one,two", [], { gone: true }).jump, undefined);
    });
  });
});
