import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { EndpointRelease } from "../../components/endpoint-release/EndpointRelease.ts";
import { labelList } from "../../components/lib/labels.ts";
import { BENCH_LABEL, COMMAND } from "../workload.ts";

Error.stackTraceLimit = 0; // as in the project's own index.ts

const config = new pulumi.Config();
const name = `bench-${pulumi.getStack()}`;
const labels = { [BENCH_LABEL]: pulumi.getStack() };

const network = new BridgeNetwork("network", { networkName: name, subnet: config.require("subnet"), labels });
const sleepers = Array.from(
  { length: config.requireNumber("size") },
  (_, i) =>
    new docker.Container(
      `sleeper-${i + 1}`,
      {
        name: `${name}-${i + 1}`,
        image: config.require("image"),
        command: [...COMMAND],
        networkMode: "bridge",
        networksAdvanced: [{ name: network.networkName }],
        labels: labelList(labels),
      },
      { deleteBeforeReplace: true },
    ),
);
new EndpointRelease("release", {
  host: { kind: "local" },
  network: network.networkName,
  label: `${BENCH_LABEL}=${pulumi.getStack()}`,
  containers: sleepers,
});
