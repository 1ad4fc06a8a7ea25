import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import type { SshHost } from "../../components/host-script/HostScript.ts";
import { ImageCopy } from "../../components/image-copy/ImageCopy.ts";
import { EMULATED_SLOWNESS } from "../../components/practice-vm/defaults.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SwarmCluster } from "../../components/swarm-cluster/SwarmCluster.ts";
import { SwarmNetwork } from "../../components/swarm-network/SwarmNetwork.ts";
import { SwarmService } from "../../components/swarm-service/SwarmService.ts";
import { runOverSsh } from "../../lab/host/overSsh.ts";
import { imageSource } from "../../stacks/images.ts";
import { run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { makePracticeVms, type PracticeVmHost, type PracticeVms } from "../practiceVms.ts";
import { type TestStack, testStack } from "../stack.ts";

/** Each task answers with its own hostname, which is the id of its container. */
const ANSWER = "mkdir /www && hostname >/www/index.html && exec httpd -f -p 8000 -h /www";
const HEALTH = "wget -q -O /dev/null http://127.0.0.1:8000/";
const [WEB_PORT, SINGLE_PORT] = [8080, 8081];
/** Requests that a service with two tasks gets, so that both answer. */
const REQUESTS = 6;

describe("Swarm mode on kernels with ip_vs and ESP, on two virtual machines of Debian 13", function () {
  this.timeout(1_200_000);
  const name = `vs-${randomBytes(3).toString("hex")}`;
  const lan = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const sealed = `10.${randomInt(128, 192)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-vm-"));
  const keyFile = join(work, "keys", "id_ed25519");
  let machines: PracticeVms;
  let stack: TestStack;
  let image: string;

  const machine = (index: 0 | 1): PracticeVmHost => machines.hosts[index] ?? assert.fail("no machine");
  const on = (index: 0 | 1, script: string): Promise<string> => {
    const { address, hostKey } = machine(index);
    const access = { address, hostKey, port: 22, user: "lab", keyFile, sudo: true };
    return runOverSsh(access, script, { timeoutMs: 120_000 });
  };
  /** Runs a command in a container on the encrypted network. */
  const inside = (index: 0 | 1, script: string): Promise<string> =>
    on(index, `docker run --rm --network sealed ${image} sh -c '${script}'`);
  const hostOf = ({ name: host, address, hostKey }: PracticeVmHost): SshHost => {
    const connection = { host: address, user: "lab", hostKey, privateKey: readFileSync(keyFile, "utf8") };
    return { kind: "ssh", name: host, connection, keyFile, sudo: true, slowness: EMULATED_SLOWNESS };
  };

  const program: PulumiFn = async () => {
    const tiny = new ServiceImage("tiny", { source: imageSource("tiny", "debian") }).imageId;
    const hosts = machines.hosts.map((each) => {
      const host = hostOf(each);
      return { ...each, host, copy: new ImageCopy(`tiny-${each.name}`, { image: tiny, host }).imageId };
    });
    const [first, second] = hosts;
    if (!first || !second) throw new Error("expected two machines");
    const { clusterId } = new SwarmCluster("swarm", {
      nodes: hosts.map(({ name: nodeName, address, host }, index) => {
        return { nodeName, address, host, role: index === 0 ? "manager" : "worker" };
      }),
    });
    const { networkName } = new SwarmNetwork("sealed", {
      networkName: "sealed",
      subnet: sealed,
      encrypted: true,
      manager: first.host,
      clusterId,
      users: [{ host: second.host, image: second.copy }],
    });
    const common = {
      manager: first.host,
      clusterId,
      image: first.copy,
      networks: [networkName],
      endpointMode: "vip" as const,
      command: ["sh", "-c", ANSWER],
      healthcheck: HEALTH,
      healthTimeoutSec: 300,
    };
    const published = (port: number) => [{ port, containerPort: 8000, mode: "ingress" as const }];
    const both = { serviceName: "web", replicas: 2, maxPerNode: 1, publish: published(WEB_PORT) };
    const alone = { serviceName: "single", constraints: ["node.role==manager"], publish: published(SINGLE_PORT) };
    new SwarmService("web", { ...common, ...both });
    new SwarmService("single", { ...common, ...alone, replicas: 1 });
    return { image: first.copy };
  };

  before(async () => {
    machines = await makePracticeVms({ name, subnet: lan, work, releases: { vm1: "trixie", vm2: "trixie" }, keyFile });
    stack = testStack(await inlineStack("swarm", "test", work));
    await stack.up({ program });
    image = (await stack.outputs()).image?.value;
  });
  after(async () => {
    await stack?.destroy();
    await machines?.remove();
    rmSync(work, { recursive: true });
  });

  const fetched = (address: string, port: number) =>
    run("curl", ["--noproxy", "*", "-fsS", "-m", "30", `http://${address}:${port}/`]);
  const answers = async (ask: () => Promise<string>): Promise<number> => {
    const names = new Set<string>();
    for (let request = 0; request < REQUESTS; request += 1) names.add((await ask()).trim());
    return names.size;
  };

  it("a service has one virtual address, behind which the kernel distributes connections to both tasks", async () => {
    const addresses = (text: string) => text.match(/^Address: *(\d+\.){3}\d+$/gm)?.length;
    assert.equal(addresses(await inside(1, "nslookup -type=a web")), 1);
    assert.equal(addresses(await inside(1, "nslookup -type=a tasks.web")), 2);
    const text = await inside(1, `for i in $(seq ${REQUESTS}); do wget -q -O - http://web:8000/; done`);
    assert.equal(new Set(text.split("\n")).size, 2);
  });

  it("every node answers for every task on a published port", async () => {
    for (const { address } of machines.hosts) assert.equal(await answers(() => fetched(address, WEB_PORT)), 2);
    assert.equal(await fetched(machine(1).address, SINGLE_PORT), await fetched(machine(0).address, SINGLE_PORT));
  });

  it("packets of an encrypted network are ESP between the hosts", async () => {
    const sent = async () => {
      const states = await on(0, `ip -s xfrm state list dst ${machine(1).address}`);
      return [...states.matchAll(/(\d+)\(bytes\)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    };
    await on(1, `docker run -d --name target --network sealed ${image}`);
    const before = await sent();
    await inside(0, "ping -c 5 -w 60 target");
    assert.ok((await sent()) > before, "no packet went through ESP");
    await on(1, "docker rm --force target");
  });

  it("a second preview shows no change", async () => {
    await stack.preview({ program, expectNoChanges: true });
  });
});
