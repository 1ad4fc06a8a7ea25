import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { checked } from "../../components/lib/checked.ts";
import { inputsOf, type Registered, recordResources, resolved } from "./mocks.ts";

const NETWORK = "docker:index/network:Network";

/** The problem with an output, as a user's program reports it. */
const failure = (output: pulumi.Output<unknown>): Promise<unknown> =>
  (output as unknown as { promise: () => Promise<unknown> }).promise().then(
    () => assert.fail("no error"),
    (error: unknown) => error,
  );

describe("arguments of a component", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });
  const component = () => new pulumi.ComponentResource("dockernet:test:Component", "component");
  const tooLong = (text: string) => (text.length > 3 ? `expected 1 to 3 letters, got ${text}` : undefined);

  it("are refused immediately if plain, and when they are known if they are outputs", async () => {
    assert.throws(() => checked(component(), "four", tooLong), pulumi.ResourceError);
    const late = await failure(checked(component(), pulumi.output("four"), tooLong));
    assert.ok(late instanceof pulumi.RunError);
    assert.equal(late.message, "expected 1 to 3 letters, got four");
  });

  it("are validated together, and one output among them makes all of them wait", async () => {
    const problemOf = ({ one, others }: { one: string; others: string[] }) => tooLong([one, ...others].join(""));
    assert.throws(() => checked(component(), { one: "ab", others: ["cd"] }, problemOf), /got abcd/);
    const args = { one: "ab", others: [pulumi.output("c")] };
    assert.deepEqual(await resolved(checked(component(), args, problemOf)), { one: "ab", others: ["c"] });
    const wrong = { one: "ab", others: [Promise.resolve("cd")] };
    assert.match(String(await failure(checked(component(), wrong, problemOf))), /got abcd/);
  });

  it("are refused with the parser's message if they cannot be parsed", () => {
    const network = () => new BridgeNetwork("net", { networkName: "net", subnet: "10.0.0.1/24" });
    assert.throws(
      network,
      (error) => error instanceof pulumi.ResourceError && /own address 10\.0\.0\.0/.test(`${error}`),
    );
    assert.ok(seen.every(({ type }) => type !== NETWORK));
  });

  it("may be outputs, without labels too, and the component's outputs are known when it exists", async () => {
    const net = new BridgeNetwork("net", { networkName: pulumi.output("mine"), subnet: pulumi.output("10.0.0.0/24") });
    const outputs = [net.networkId, net.networkName, net.subnet, net.gateway];
    assert.deepEqual(await Promise.all(outputs.map(resolved)), ["net-id", "mine", "10.0.0.0/24", "10.0.0.1"]);
    const { labels, ...inputs } = inputsOf(seen, NETWORK, "net");
    assert.equal(labels, undefined);
    const ipamConfigs = [{ subnet: "10.0.0.0/24", gateway: "10.0.0.1" }];
    assert.deepEqual(inputs, { name: "mine", driver: "bridge", ipamConfigs });
  });
});
