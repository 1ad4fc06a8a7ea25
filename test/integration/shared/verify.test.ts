import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Parser } from "tap-parser";
import { isAsExpected, type Pair, reachMatrix } from "../../../lab/commands/verify/matrix.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { run } from "../../../toolchain/run.ts";
import type { Environment } from "../environment.ts";
import { sharedEnvironment } from "./environment.ts";

describe("lab verify on a running environment", function () {
  this.timeout(240_000);
  let lab: Environment;
  const named = (base: string) => `dockernet-${lab.name}-${base}`;
  const verifying = (...args: string[]) =>
    spawn("node", [join(PROJECT, "lab/lab.ts"), "verify", lab.name, ...args], {
      env: { ...process.env, ...lab.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const verify = async (...args: string[]) => {
    const child = verifying(...args);
    const [out, error] = [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join(""));
    const [code] = await once(child, "close");
    return { code: code as number, out: (await out) ?? "", error: (await error) ?? "" };
  };

  before(async () => {
    lab = await sharedEnvironment();
  });

  it("runs only the selected checks, in the selected format, and prints nothing else", async () => {
    const [json, tap] = await Promise.all([
      verify("--json", "--only", "7.1"),
      verify("--format", "tap", "--only", "4.1"),
    ]);
    assert.deepEqual([json.code, json.error, tap.code, tap.error], [0, "", 0, ""]);
    const results = JSON.parse(json.out) as { row: string; passed: boolean }[];
    assert.ok(results.length > 3 && results.every(({ row, passed }) => row === "7.1" && passed));
    const parsed: { readonly name: string }[] = [];
    const parser = new Parser({ strict: true });
    parser.on("pass", (point) => parsed.push(point));
    parser.end(tap.out);
    assert.ok(parser.ok && parsed.length === 4 && parsed.every(({ name }) => name.startsWith("4.1-attached-")));
  });

  it("exits with 2 if nothing matches the selection", async () => {
    const { code, out, error } = await verify("--only", "nowhere");
    assert.deepEqual([code, out], [2, ""]);
    assert.match(
      error,
      /^error: there is no check nowhere; there are\n {2}labs: .*isolation.*\n {2}rows: .*\n {2}ids: /,
    );
    assert.equal((await verify("--matrix", "--watch")).code, 2);
    assert.equal((await verify("--timeout", "1")).code, 2);
  });

  it("--matrix confirms Docker's isolation rules", async () => {
    const pairs = await reachMatrix(await lab.outputs());
    const wrong = pairs.filter((pair) => !isAsExpected(pair));
    assert.deepEqual(wrong, []);
    const tried = pairs.filter(({ actual }) => actual !== undefined);
    for (const expected of [true, false]) assert.ok(tried.filter((pair) => pair.expected === expected).length > 10);
  });

  it("--matrix detects a bridge that accepts another one's containers, and a stopped container", async () => {
    const rule = ["DOCKER-USER", "-p", "icmp", "-s", await addressOf(named("test5")), "-j", "ACCEPT"];
    await run("iptables", ["--wait", "--insert", ...rule]);
    const back = ["DOCKER-USER", "-p", "icmp", "-d", await addressOf(named("test5")), "-j", "ACCEPT"];
    await run("iptables", ["--wait", "--insert", ...back]);
    await run("docker", ["stop", "--time", "1", named("test6")]);
    try {
      const { code, out } = await verify("--matrix", "--json", "--only", "bridge");
      const found = (JSON.parse(out) as Pair[])
        .filter((pair) => !isAsExpected(pair))
        .map(({ from, to, actual }) => `${short(from)} ${actual ? "reaches" : "misses"} ${short(to)}`);
      const misses = ["host:", "test5"].flatMap((other) => [`test6 misses ${other}`, `${other} misses test6`]);
      const expected = ["test5 reaches peer5", "test5 reaches peer6", "peer5 reaches test5", "peer6 reaches test5"];
      assert.deepEqual(found.sort(), [...misses, "test6 misses outside", ...expected].sort());
      assert.equal(code, 1);
    } finally {
      await run("iptables", ["--wait", "--delete", ...rule]);
      await run("iptables", ["--wait", "--delete", ...back]);
      await run("docker", ["start", named("test6")]);
    }
  });

  it("--watch prints each change with its time, and exits with the code of the last round", async () => {
    const child = verifying("--watch", "1", "--only", "7.2-socket", "7.2-stack");
    const lines: string[] = [];
    child.stdout.on("data", (data) => lines.push(...String(data).trim().split("\n")));
    const until = async (pattern: RegExp) => {
      for (let tries = 0; !pattern.test(lines.at(-1) ?? ""); tries += 1) {
        assert.ok(tries < 600, lines.join("\n"));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await until(/^\d\d:\d\d:\d\d {2}2 checks: 2 passed, 0 failed$/);
    await run("docker", ["stop", "--time", "1", named("test11")]);
    await until(/^\d\d:\d\d:\d\d {2}FAILED {2}7\.2-(socket|stack): .*(refused|does not run)$/);
    await run("docker", ["start", named("test11")]);
    await until(/^\d\d:\d\d:\d\d {2}passed {2}7\.2-(socket|stack): /);
    for (const id of ["stack", "socket"]) {
      const changes = () => lines.filter((line) => line.includes(`passed  7.2-${id}:`)).length;
      for (let tries = 0; changes() === 0; tries += 1) {
        assert.ok(tries < 600, lines.join("\n"));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    assert.equal(code, 0, lines.join("\n"));
  });

  const short = (id: string) => id.replace(/^\w+:dockernet-test-[0-9a-f]{8}-/, "");
});

const addressOf = (container: string): Promise<string> =>
  run("docker", ["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container]);
