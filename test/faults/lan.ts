import assert from "node:assert/strict";
import { run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { type Lab, must } from "./lab.ts";

/** Recreates a macvlan network and its containers: no provider detects interfaces deleted with their parent. */
const REPAIR = ["--replace", "**:Network::macvlan"];

export const lanFaults: readonly Fault<Lab>[] = [
  {
    id: "R65",
    title: "parent of a macvlan network deleted and created again",
    protects: "the machine on the LAN",
    inject: async (lab) => {
      await run("docker", ["restart", lab.named("lan")]);
      const { code, text } = await lab.ask("verify");
      assert.equal(code, 1, text);
      return { said: text };
    },
    says: [/FAILED .*\S+-mac1 has no eth0/, /FAILED .*\S+-mac2 has no eth0/],
    way: `pulumi up ${REPAIR.join(" ")}`,
    heal: (lab) => must(lab.up(...REPAIR)),
  },
];
