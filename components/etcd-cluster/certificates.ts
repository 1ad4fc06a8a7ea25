import * as pulumi from "@pulumi/pulumi";
import { HostScript } from "../host-script/HostScript.ts";
import { type KeyPair, readCertificates } from "../lib/certificates.ts";
import type { MemberIdentity } from "../lib/etcd.ts";

export interface CertificatesArgs {
  readonly members: pulumi.Input<readonly MemberIdentity[]>;
  readonly token: pulumi.Input<string>;
  readonly rotation: pulumi.Input<string>;
  readonly days: pulumi.Input<number>;
}

/** A certificate with its key, and the CAs that its owner trusts, in PEM. */
export interface Issued {
  readonly caCertificate: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
  /** A secret. */
  readonly key: pulumi.Output<string>;
}

/** The certificates of an etcd cluster, made by openssl on the host that runs Pulumi and kept in the state as secrets. */
export function issueCertificates(
  name: string,
  { members, token, rotation, days }: CertificatesArgs,
  opts?: pulumi.CustomResourceOptions,
): { readonly client: Issued; readonly memberOf: (memberName: pulumi.Input<string>) => Issued } {
  const { stdout } = new HostScript(
    name,
    {
      script: new URL("certificates.sh", import.meta.url),
      variables: {
        MEMBERS: pulumi
          .output(members)
          .apply((all) => all.map(({ memberName, address }) => `${memberName} ${address}`).join("\n")),
        TOKEN: token,
        ROTATION: rotation,
        DAYS: pulumi.output(days).apply(String),
      },
      identity: ["TOKEN"],
      expected: "(settings|former|ca|next|client|member)( [A-Za-z0-9+/=._-]+)+",
      secretOutput: true,
      previousOutput: true,
    },
    opts,
  );
  const all = stdout.apply(readCertificates);
  const caCertificate = pulumi.unsecret(all.apply(({ ca }) => ca));
  const issued = (pair: pulumi.Output<KeyPair | undefined>): Issued => ({
    caCertificate,
    certificate: pulumi.unsecret(pair.apply((known) => known?.certificate ?? "")),
    key: pulumi.secret(pair.apply((known) => known?.key ?? "")),
  });
  return {
    client: issued(all.apply(({ client }) => client)),
    memberOf: (memberName) => issued(pulumi.all([all, memberName]).apply(([{ members: own }, each]) => own[each])),
  };
}

/** An error message if the settings of certificates are invalid; undefined otherwise. */
export function certificatesProblem({ rotation, days }: { readonly rotation: string; readonly days: number }) {
  if (!/^[\w.-]{0,64}$/.test(rotation)) {
    return `expected a word of letters, digits, dots, hyphens and underscores for the rotation, got ${JSON.stringify(rotation)}`;
  }
  return Number.isInteger(days) && days >= 1 && days <= 3650
    ? undefined
    : `expected certificates to be valid for 1 to 3650 days, got ${days}`;
}
