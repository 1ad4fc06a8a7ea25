import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import { run } from "../../toolchain/run.ts";
import { unit } from "./etcd.ts";
import { told } from "./etcdData.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import { type NodesLab, TLS_NODES } from "./worlds.ts";

const CERTIFICATES = new URL("../../components/etcd-cluster/certificates.sh", import.meta.url);
/** Prints a certificate of a member, of the CA in CA and CA_KEY, and its key, in base64. */
const ISSUE = `umask 077
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  echo "$CA" | base64 -d >"$made/ca.pem"
  echo "$CA_KEY" | base64 -d >"$made/ca.key"
  EARLIER_SEC=172800
  issue member "$MEMBER_CN" "$DAYS" "-cert $made/ca.pem -keyfile $made/ca.key" "$ADDRESS"
  pair`;

/** A certificate and its key, in base64, by the cluster's own CA. */
async function issued(lab: NodesLab, days: number, address: string): Promise<readonly string[]> {
  const { deployment } = await lab.environment.stack.exportStack();
  const printed = /settings -\S* \d+(?:\\+n)+(?:former \S+?(?:\\+n)+)?ca (\S+) (\S+?)\\+n/.exec(
    JSON.stringify(deployment),
  );
  assert.ok(printed, "the state has the CA");
  const [, ca = "", key = ""] = printed;
  const variables = { CA: ca, CA_KEY: key, DAYS: String(days), ADDRESS: address, TOKEN: lab.name };
  const script = ["set -eu", assignments(variables), readScript(CERTIFICATES), ISSUE].join("\n");
  return (await run("sh", ["-c", script])).trim().split(" ");
}

/** Replaces the certificate of a node's member, as a mistake by hand would; returns what the lab command says of it. */
async function replaced(lab: NodesLab, number: number, days: number, address?: string): Promise<string> {
  const own = (await lab.on(number, "hostname", "-I")).trim().split(" ")[0] ?? "";
  const [certificate = "", key = ""] = await issued(lab, days, address ?? own);
  const now = `/etc/${unit(number)}/now`;
  const script = `echo ${certificate} | base64 -d >${now}/cert.pem; echo ${key} | base64 -d >${now}/key.pem; systemctl restart --no-block ${unit(number)}`;
  await lab.on(number, "sh", "-c", script);
  await setTimeout(5_000);
  return told(lab, number);
}

let rotations = 0;

export const tlsFaults: readonly Fault<NodesLab>[] = [
  {
    id: "R43",
    title: "etcd's certificate for another name, then expired",
    protects: "etcd's keys and the network's id",
    inject: async (lab) => {
      const other = await replaced(lab, 2, 365, "192.0.2.1");
      return { said: `${other}\n${await replaced(lab, 2, -1)}` };
    },
    says: [
      /the certificate of etcd is valid for 192\.0\.2\.1, 127\.0\.0\.1, not /,
      /no quorum: 1 of 2 members answer docker-node1/,
      /the certificate of etcd has expired on 20/,
      /Fix: +set another word for rotation/,
    ],
    way: "pulumi up, with another word for rotation",
    heal: async (lab) => {
      rotations += 1;
      const { overlay, ...more } = TLS_NODES;
      lab.environment.settle({ ...more, overlay: { ...overlay, certificates: { rotation: `r${rotations}` } } });
      await must(lab.up());
    },
  },
];
