import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { SwarmService } from "../../../components/swarm-service/SwarmService.ts";
import { COMMAND } from "../../workload.ts";
import type { Swarm } from "../swarm.ts";
import { REPLICAS, serviceNames } from "../workload.ts";

Error.stackTraceLimit = 0; // as in the project's own index.ts

const config = new pulumi.Config();
const { address, hostKey, keyFile, clusterId, network, image } = config.requireObject<Swarm>("swarm");
const privateKey = pulumi.secret(readFileSync(keyFile, "utf8"));
const manager = { kind: "ssh", connection: { host: address, user: "root", hostKey, privateKey } } as const;

for (const serviceName of serviceNames(config.requireNumber("services"))) {
  new SwarmService(serviceName, {
    serviceName,
    manager,
    clusterId,
    image,
    networks: [network],
    replicas: REPLICAS,
    command: [...COMMAND],
    environment: { REVISION: config.require("revision") },
    healthTimeoutSec: 600,
  });
}
