import assert from "node:assert/strict";
import { parseConfig } from "../../stacks/config.ts";
import { BAD_SETTINGS } from "../badSettings.ts";

const BASICS = { project: "dockernet", stack: "basics" };
const parse = (raw: Record<string, string>) => parseConfig(BASICS, raw);

describe("parseConfig", () => {
  it("fills in what a stack leaves out, and derives subnets and ports that do not meet", () => {
    const config = parse({});
    assert.deepEqual(config.labs, ["bridge", "links", "ports", "isolation", "counter"]);
    assert.equal(config.publishAddress, "127.0.0.1");
    assert.equal(config.images, "official");
    const { subnets, ports } = config.claims;
    assert.deepEqual(
      subnets.map(({ setting }) => setting),
      ["ports.subnet", "counter.subnet", "bridge.subnet", "links.subnet", "bridge.outside"],
    );
    assert.equal(new Set(subnets.map(({ value }) => value.replace(/\.\d+\/\d+$/, ""))).size, subnets.length);
    assert.equal(new Set(ports.map(({ value }) => value)).size, 3);
  });

  it("takes what a stack says", () => {
    const raw = { labs: '["counter"]', counter: '{"subnet":"172.20.8.0/24","gateway":"172.20.8.254","port":5000}' };
    const config = parse({ ...raw, publishAddress: "0.0.0.0" });
    assert.deepEqual(config.network.counter, { subnet: "172.20.8.0/24", gateway: "172.20.8.254" });
    assert.deepEqual(config.claims, {
      subnets: [{ setting: "counter.subnet", value: "172.20.8.0/24" }],
      ports: [{ setting: "counter.port", value: 5000 }],
    });
    assert.equal(config.publishAddress, "0.0.0.0");
  });

  it("builds the lab that needs root only where a stack names it, with the tutorial's addresses or others", () => {
    assert.deepEqual(parse({}).namespaces.addresses, ["192.168.1.1/24", "192.168.1.2/24"]);
    const config = parse({ labs: '["namespaces"]', namespaces: '{"addresses":["10.9.0.1/30","10.9.0.2/30"]}' });
    assert.deepEqual(config.labs, ["namespaces"]);
    assert.deepEqual(config.namespaces.addresses, ["10.9.0.1/30", "10.9.0.2/30"]);
  });

  for (const [what, raw, message] of BAD_SETTINGS) {
    it(`refuses ${what}`, () => assert.throws(() => parse(raw), message));
  }

  it("lists everything that is wrong at once, and says where the settings are", () => {
    const raw = { publishAddress: "x", ports: '{"subnet":"y","port":0}' };
    assert.throws(
      () => parse(raw),
      /^Error: settings of stack basics \(stacks\/Pulumi\.basics\.yaml\):\n {2}.*\n {2}.*\n {2}.*$/,
    );
  });

  it("lets a lab that is not built overlap one that is", () => {
    assert.doesNotThrow(() => parse({ labs: '["ports"]', ports: '{"port":80}', counter: '{"port":80}' }));
  });

  it("refuses an image origin that there is not", () => {
    assert.throws(() => parseConfig(BASICS, {}, "docker"), /DOCKERNET_IMAGES: expected official or debian, got docker/);
  });
});
