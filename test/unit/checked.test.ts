import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { checked } from "../../components/lib/checked.ts";
import { inputsOf, type Registered, recordResources, resolved } from "./mocks.ts";

const NETWORK = "docker:index/network:Network";

/** What is wrong with an output, as a program of a user's ends with it. */
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

  it("that are plain are refused at once, and as they are known where they are outputs", async () => {
    assert.throws(() => checked(component(), "four", tooLong), pulumi.ResourceError);
    const late = await failure(checked(component(), pulumi.output("four"), tooLong));
    assert.ok(late instanceof pulumi.RunError);
    assert.equal(late.message, "expected 1 to 3 letters, got four");
  });

  it("are checked as one, and one output among them makes all of them wait", async () => {
    const problemOf = ({ one, others }: { one: string; others: string[] }) => tooLong([one, ...others].join(""));
    assert.throws(() => checked(component(), { one: "ab", others: ["cd"] }, problemOf), /got abcd/);
    const args = { one: "ab", others: [pulumi.output("c")] };
    assert.deepEqual(await resolved(checked(component(), args, problemOf)), { one: "ab", others: ["c"] });
    const wrong = { one: "ab", others: [Promise.resolve("cd")] };
    assert.match(String(await failure(checked(component(), wrong, problemOf))), /got abcd/);
  });

  it("that cannot even be read are refused in the words of who reads them", () => {
    const network = () => new BridgeNetwork("net", { networkName: "net", subnet: "10.0.0.1/24" });
    assert.throws(
      network,
      (error) => error instanceof pulumi.ResourceError && /own address 10\.0\.0\.0/.test(`${error}`),
    );
    assert.ok(seen.every(({ type }) => type !== NETWORK));
  });

  it("reach what it makes, as outputs and without labels too, and come back when it is there", async () => {
    const net = new BridgeNetwork("net", { networkName: pulumi.output("mine"), subnet: pulumi.output("10.0.0.0/24") });
    const outputs = [net.networkId, net.networkName, net.subnet, net.gateway];
    assert.deepEqual(await Promise.all(outputs.map(resolved)), ["net-id", "mine", "10.0.0.0/24", "10.0.0.1"]);
    const { labels, ...inputs } = inputsOf(seen, NETWORK, "net");
    assert.equal(labels, undefined);
    const ipamConfigs = [{ subnet: "10.0.0.0/24", gateway: "10.0.0.1" }];
    assert.deepEqual(inputs, { name: "mine", driver: "bridge", ipamConfigs });
  });
});
