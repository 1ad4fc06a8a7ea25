import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { parseConfig } from "../../stacks/config.ts";
import { PRESETS, withPreset } from "../../stacks/presets.ts";
import { publicAddresses } from "../../stacks/publicAddresses.ts";
import { keysAt } from "../../stacks/settings.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { BAD_SETTINGS } from "../badSettings.ts";

const BASICS = { project: "dockernet", stack: "basics" };
const parse = (raw: Record<string, string>) => parseConfig(BASICS, raw);

describe("parseConfig", () => {
  it("fills in defaults, and derives subnets and ports that do not collide", () => {
    const config = parse({});
    assert.deepEqual(config.labs, ["bridge", "links", "ports", "isolation", "counter"]);
    assert.equal(config.publishAddress, "127.0.0.1");
    assert.equal(config.images, "official");
    const { subnets, ports } = config.reservations;
    assert.deepEqual(
      subnets.map(({ setting }) => setting),
      ["ports.subnet", "counter.subnet", "bridge.subnet", "bridge.outside", "links.subnet"],
    );
    assert.equal(new Set(subnets.map(({ value }) => value.replace(/\.\d+\/\d+$/, ""))).size, subnets.length);
    assert.equal(new Set(ports.map(({ value }) => value)).size, 3);
  });

  it("uses the stack's settings", () => {
    const raw = { labs: '["counter"]', counter: '{"subnet":"172.20.8.0/24","gateway":"172.20.8.254","port":5000}' };
    const config = parse({ ...raw, publishAddress: "0.0.0.0" });
    assert.deepEqual(config.settings.counter, { subnet: "172.20.8.0/24", gateway: "172.20.8.254", port: 5000 });
    assert.deepEqual(config.reservations, {
      subnets: [{ setting: "counter.subnet", value: "172.20.8.0/24" }],
      ports: [{ setting: "counter.port", value: 5000 }],
    });
    assert.equal(config.publishAddress, "0.0.0.0");
  });

  it("builds the lab that needs root only if a stack lists it, with the tutorial's addresses or others", () => {
    assert.deepEqual(parse({}).settings.namespaces.addresses, ["192.168.1.1/24", "192.168.1.2/24"]);
    const config = parse({ labs: '["namespaces"]', namespaces: '{"addresses":["10.9.0.1/30","10.9.0.2/30"]}' });
    assert.deepEqual(config.labs, ["namespaces"]);
    assert.deepEqual(config.settings.namespaces.addresses, ["10.9.0.1/30", "10.9.0.2/30"]);
  });

  for (const [what, raw, message] of BAD_SETTINGS) {
    it(`refuses ${what}`, () => assert.throws(() => parse(raw), message));
  }

  it("warns of public addresses, and of no others", () => {
    const warnings = (raw: Record<string, string>) =>
      publicAddresses(parse({ labs: '["ports","bridge","namespaces","overlay"]', ...raw })).map(
        (each) => / is public,/.test(each) && each.split(" is public")[0],
      );
    const block = (lab: string, key: string, value: string) => ({ [lab]: JSON.stringify({ [key]: value }) });
    assert.deepEqual(warnings({}), []);
    for (const fine of ["10.9.0.0/16", "172.31.0.0/24", "192.168.9.0/24", "100.100.0.0/24", "198.19.0.0/24"]) {
      assert.deepEqual(warnings(block("ports", "subnet", fine)), [], fine);
    }
    assert.deepEqual(warnings({ publishAddress: "0.0.0.0" }), []);
    for (const open of ["8.8.8.0/24", "172.0.0.0/8", "172.32.0.0/16", "100.128.0.0/16"]) {
      assert.deepEqual(warnings(block("ports", "subnet", open)), [`ports.subnet: ${open}`]);
    }
    assert.deepEqual(warnings(block("bridge", "outside", "8.8.8.0/30")), ["bridge.outside: 8.8.8.0/30"]);
    assert.deepEqual(warnings(block("overlay", "subnet", "8.8.8.0/24")), ["overlay.subnet: 8.8.8.0/24"]);
    assert.deepEqual(warnings(block("overlay", "network", "8.8.8.0/24")), ["overlay.network: 8.8.8.0/24"]);
    assert.deepEqual(warnings({ publishAddress: "8.8.8.8" }), ["publishAddress: 8.8.8.8"]);
    assert.deepEqual(warnings({ namespaces: '{"addresses":["8.8.8.8/24","8.8.8.9/24"]}' }), [
      "namespaces.addresses: 8.8.8.8",
      "namespaces.addresses: 8.8.8.9",
    ]);
    assert.deepEqual(warnings({ labs: '["counter"]', ...block("ports", "subnet", "8.8.8.0/24") }), []);
  });

  it("says what is expected for a value of any wrong type at any place, without schema jargon", () => {
    const host = { name: "a", address: "10.0.0.1", hostKey: "ssh-ed25519 A" };
    const wrong = [null, true, 7, -1, 0.5, 1e300, "", "word", [], [null], [7], {}, { x: 1 }, [[]], "x".repeat(999)];
    /** Settings with a value at a path, which goes through the first host of a list. */
    const settings = (path: readonly string[], value: unknown): unknown => {
      const [key = "", ...rest] = path;
      if (rest.length === 0) return { [key]: value };
      return key === "hosts"
        ? { hosts: [{ ...host, ...Object(settings(rest, value)) }] }
        : { [key]: settings(rest, value) };
    };
    const places = (path: readonly string[]): string[][] =>
      keysAt(path).flatMap((key) => [[...path, key], ...places([...path, key])]);
    const all = places([]);
    assert.ok(all.length > 35, String(all.length));
    for (const path of all) {
      for (const value of wrong) {
        const raw = Object.entries(settings(path, value) as object).map(([key, each]) => [
          key,
          typeof each === "string" ? each : JSON.stringify(each),
        ]);
        try {
          parse(Object.fromEntries(raw));
        } catch (error) {
          const [first, ...lines] = (error as Error).message.split("\n");
          assert.match(first ?? "", /^settings of stack basics /);
          // The system's message follows for a file that cannot be read.
          for (const line of lines.filter((each) => !/: E[A-Z]+: /.test(each))) {
            assert.match(
              line,
              /^ {2}[\w.]+: (expected |no such setting|\S+ cannot be used|.* overlaps )/,
              `${path}: ${line}`,
            );
            assert.doesNotMatch(
              line,
              /Invalid|received|Unrecognized|Too (big|small)|expected (array|object|string|number|boolean|int|tuple)\b/,
            );
            assert.ok(line.length < 200, line);
          }
        }
      }
    }
  });

  it("lists all problems at once, and says where the settings are", () => {
    const raw = { publishAddress: "x", ports: '{"subnet":"y","port":0}' };
    assert.throws(
      () => parse(raw),
      /^Error: settings of stack basics \(stacks\/Pulumi\.basics\.yaml\):\n {2}.*\n {2}.*\n {2}.*$/,
    );
  });

  it("allows a lab that is not built to overlap one that is", () => {
    assert.doesNotThrow(() => parse({ labs: '["ports"]', ports: '{"port":80}', counter: '{"port":80}' }));
  });

  it("refuses an unknown image origin", () => {
    assert.throws(() => parseConfig(BASICS, {}, "docker"), /DOCKERNET_IMAGES: expected official or debian, got docker/);
  });
});

describe("a built-in environment", () => {
  it("has its settings, overridden by those of the stack, key by key of a map", () => {
    const preset = withPreset("practice", {});
    assert.deepEqual(JSON.parse(preset.ports ?? ""), { port: 80 });
    const own = { labs: '["ports"]', overlay: '{"nodes":3}', publishAddress: "0.0.0.0" };
    const { labs, overlay, publishAddress } = withPreset("practice", own);
    assert.equal(labs, '["ports"]');
    assert.deepEqual(JSON.parse(overlay ?? ""), { subnet: "192.168.174.0/24", nodes: 3 });
    assert.equal(publishAddress, "0.0.0.0");
  });

  it("passes on values that are not maps, for later validation", () => {
    assert.equal(withPreset("practice", { overlay: "7" }).overlay, "7");
    assert.equal(withPreset("practice", { overlay: "[" }).overlay, "[");
  });

  it("does not affect a stack of another name", () => {
    assert.deepEqual(withPreset("mine", { labs: "[]" }), { labs: "[]" });
    assert.deepEqual(withPreset("toString", {}), {});
  });

  it("is not a file that Pulumi writes into and Git tracks", () => {
    const files = execFileSync("git", ["ls-files", "stacks"], { cwd: PROJECT, encoding: "utf8" }).split("\n");
    for (const name of Object.keys(PRESETS)) {
      assert.ok(!files.includes(`stacks/Pulumi.${name}.yaml`), name);
      execFileSync("git", ["check-ignore", "--quiet", `stacks/Pulumi.${name}.yaml`], { cwd: PROJECT });
    }
  });
});
