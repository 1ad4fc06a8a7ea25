import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { EtcdCluster } from "../../../components/etcd-cluster/EtcdCluster.ts";
import type { EtcdHost } from "../byHand.ts";

Error.stackTraceLimit = 0; // as in the project's own index.ts

const config = new pulumi.Config();
const privateKey = pulumi.secret(readFileSync(config.require("keyFile"), "utf8"));
const hosts = config.requireObject<EtcdHost[]>("hosts").slice(0, config.requireNumber("members"));

// Without TLS, as on the lab's practice nodes and by hand.
new EtcdCluster("etcd", {
  tls: false,
  members: hosts.map(({ name: memberName, address, hostKey }) => ({
    memberName,
    address,
    host: { kind: "ssh", name: memberName, connection: { host: address, user: "root", hostKey, privateKey } },
  })),
});
