import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { judgeProxies } from "../../lab/commands/doctor/system.ts";
import { readFacts } from "../../lab/host/facts.ts";
import { answers } from "../../toolchain/network.ts";

const NAMES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]);

/** Proxy variables of the project's commands, if the user's shell has these. */
function settled(user: Readonly<Record<string, string>>): Record<string, string> {
  const script = "set -eu; . toolchain/commands/proxy.sh; env";
  const { stdout, stderr, status } = spawnSync("sh", ["-c", script], {
    env: { PATH: process.env.PATH, ...user },
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.split("\n").map((line) => line.split(/=(.*)/s, 2) as [string, string]);
  return Object.fromEntries(lines.filter(([name]) => /proxy$/i.test(name)));
}

describe("a proxy in the user's environment", () => {
  const PROXY = "http://10.1.2.3:3128";
  const OWN = "localhost,127.0.0.1,::1";

  it("is never used for this machine, whichever variable names it", () => {
    assert.deepEqual(settled({}), {});
    for (const name of ["https_proxy", "HTTPS_PROXY"]) {
      const { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY, no_grpc_proxy, http_proxy } = settled({ [name]: PROXY });
      assert.deepEqual([https_proxy, HTTPS_PROXY, http_proxy], [PROXY, PROXY, undefined], name);
      assert.deepEqual([no_proxy, NO_PROXY, no_grpc_proxy], [OWN, OWN, OWN], name);
    }
    for (const name of ["all_proxy", "ALL_PROXY"]) {
      const { http_proxy, HTTPS_PROXY, no_proxy } = settled({ [name]: PROXY });
      assert.deepEqual([http_proxy, HTTPS_PROXY, no_proxy], [PROXY, PROXY, OWN], name);
    }
    assert.equal(settled({ grpc_proxy: PROXY }).no_grpc_proxy, OWN);
  });
  it("keeps the user's exceptions, and adds an engine on another machine", () => {
    const user = { http_proxy: PROXY, no_proxy: "example.org,127.0.0.1", NO_PROXY: ".corp" };
    assert.equal(settled(user).NO_PROXY, "example.org,127.0.0.1,.corp,localhost,::1");
    assert.equal(settled({ http_proxy: PROXY, no_proxy: "*" }).no_proxy, "*");
    const engine = settled({ http_proxy: PROXY, DOCKER_HOST: "tcp://192.0.2.7:2375" });
    assert.equal(engine.no_proxy, `${OWN},192.0.2.7`);
    assert.equal(settled({ http_proxy: PROXY, DOCKER_HOST: "unix:///run/docker.sock" }).no_proxy, OWN);
  });
  it("is used to test whether Pulumi's site answers, as for a download", async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(String(request.url));
      response.end();
    });
    proxy.on("connect", (request, socket) => {
      asked.push(String(request.url));
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const before = new Map(NAMES.map((name) => [name, process.env[name]]));
    try {
      for (const name of NAMES) delete process.env[name];
      process.env.http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      assert.equal(await answers("http://downloads.invalid/"), true);
      assert.match(asked.join(), /downloads\.invalid/);
      delete process.env.http_proxy;
      assert.equal(await answers("http://downloads.invalid/"), false);
    } finally {
      for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
      proxy.close();
    }
  });
  it("is reported by the doctor, with a warning if it refuses connections", () => {
    const judged = (line: string) =>
      judgeProxies(readFacts(`proxy ${line}`)).map(({ level, what }) => `${level}: ${what}`);
    assert.deepEqual(judged(`own https_proxy ${PROXY} open`), [
      `ok: https_proxy is the proxy ${PROXY}, for downloads; requests to the labs go past it`,
    ]);
    assert.deepEqual(judged(`engine HTTP_PROXY ${PROXY} shut`), [
      `warning: the engine's HTTP_PROXY is the proxy ${PROXY}, which takes no connection`,
    ]);
    assert.deepEqual(judgeProxies(readFacts("")), []);
  });
});
