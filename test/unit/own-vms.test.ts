import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../stacks/config.ts";
import { PROJECT } from "../../toolchain/environment.ts";

const PAGE = readFileSync(join(PROJECT, "docs", "vms.md"), "utf8");
const HOST_KEY = `ssh-ed25519 ${"AAAAC3NzaC1lZDI1NTE5AAAAI".padEnd(68, "B")}`;
/** SSH configuration that Lima and Vagrant write for a machine. */
const lima = (node: string, key: string) => `Host lima-${node}
  IdentityFile "${key}"
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  NoHostAuthenticationForLocalhost yes
  PreferredAuthentications publickey
  Compression no
  BatchMode yes
  IdentitiesOnly yes
  User ann
  ControlMaster auto
  ControlPath "/home/ann/.lima/${node}/ssh.sock"
  ControlPersist yes
  Hostname 127.0.0.1
  Port 60022
`;
const vagrant = (node: string, key: string) => `Host ${node}
  HostName 127.0.0.1
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile ${key}
  IdentitiesOnly yes
  LogLevel FATAL
  PubkeyAcceptedKeyTypes +ssh-rsa
  HostKeyAlgorithms +ssh-rsa
`;

describe("the page on virtual machines of the user's", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-own-vms-"));
  const key = join(folder, "key");
  before(() => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const nodes = ["docker-node1", "docker-node2"];
    for (const node of nodes) writeFileSync(join(folder, node), lima(node, key));
    writeFileSync(join(folder, "vagrant.ssh"), nodes.map((node) => vagrant(node, key)).join(""));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("has settings that pulumi up accepts, and hosts whose SSH configuration gives address, port and user", () => {
    const found = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = ""]) => {
      const text = block
        .replaceAll("ssh-ed25519 AAAA…", HOST_KEY)
        .replaceAll("~/.ssh/id_ed25519", key)
        .replaceAll(/~\/\.lima\/(\S+)\/ssh\.config/g, `${folder}/$1`)
        .replaceAll("vagrant.ssh", `${folder}/vagrant.ssh`);
      const settings = Object.entries(parse(text).config as Record<string, unknown>).map(([name, value]) => [
        name.replace(/^dockernet:/, ""),
        JSON.stringify(value),
      ]);
      const { hosts } = parseConfig({ project: "dockernet", stack: "vms" }, Object.fromEntries(settings), "debian");
      return hosts.map(({ address, ssh, sudo }) => [address, `${ssh.user}@${ssh.address}:${ssh.port}`, sudo]);
    });
    assert.deepEqual(found, [
      [["10.83.12.11", "ubuntu@10.83.12.11:22", true]],
      ["11", "12"].map((last) => [`192.168.104.${last}`, "ann@127.0.0.1:60022", true]),
      ["11", "12"].map((last) => [`192.168.56.${last}`, "vagrant@127.0.0.1:2222", true]),
      ["11", "12"].map((last) => [`10.0.8.${last}`, `admin@10.0.8.${last}:22`, true]),
    ]);
  });
});
