import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { type Identity, ownerOf } from "../lib/identity.ts";

export interface AddressClaimArgs {
  /** The machine whose `docker` command reaches the engine. */
  readonly host: Host;
  /** Whose claim it is: networks and containers that carry its labels are no obstacle. */
  readonly identity: Identity;
  /** IPv4 blocks in CIDR notation. */
  readonly subnets: readonly string[];
  /** TCP ports of the host, as `ADDRESS:PORT`. */
  readonly ports: readonly string[];
}

/**
 * Refuses, before anything is made, a subnet that overlaps another network of the engine or a route of its host, and a
 * port that somebody listens on, and names the holder. What is to use them depends on it. It looks when it is made and
 * when the claim changes; later conflicts are refused by the engine itself. Routes and ports are looked at only where
 * the engine is on the host.
 */
export class AddressClaim extends pulumi.ComponentResource {
  constructor(name: string, args: AddressClaimArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:AddressClaim", name, {}, opts);

    new HostScript(
      name,
      {
        host: args.host,
        script: new URL("claim.sh", import.meta.url),
        variables: {
          OWNER: ownerOf(args.identity),
          SUBNETS: args.subnets.join(" "),
          PORTS: args.ports.join(" "),
        },
      },
      { parent: this },
    );

    this.registerOutputs({});
  }
}
