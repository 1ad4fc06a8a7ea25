import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { type Identity, ownerOf } from "../lib/identity.ts";

export interface AddressReservationArgs {
  /** The host whose `docker` command reaches the engine. */
  readonly host: Host;
  /** Whose reservation it is: networks and containers that carry its labels are no obstacle. */
  readonly identity: Identity;
  /** IPv4 blocks in CIDR notation. */
  readonly subnets: pulumi.Input<pulumi.Input<string>[]>;
  /** TCP ports of the host, as `ADDRESS:PORT`. */
  readonly ports: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Which setting chooses each block and port, as `SETTING VALUE`. What one has until now no other one can get in the same
   * update, which removes the old network or container last or beside the new one: that is refused.
   * @default - nothing is refused for it
   */
  readonly settings?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Interfaces of the host that are its owner's, too: their routes are no obstacle.
   * @default - none
   */
  readonly interfaces?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * Refuses, before anything is made, a subnet that overlaps another network of the engine or a route, rule or address of
 * its host, and a port that somebody listens on, and names the holder; and an address that no interface has. What is to use
 * them depends on it. It looks when it is made and when the reservation changes; later conflicts are refused by the engine itself.
 * Routes and ports are looked at only where the engine is on the host.
 */
export class AddressReservation extends pulumi.ComponentResource {
  constructor(name: string, args: AddressReservationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:AddressReservation", name, {}, componentOptions(opts));

    new HostScript(
      name,
      {
        host: args.host,
        script: new URL("reservation.sh", import.meta.url),
        variables: {
          OWNER: ownerOf(args.identity),
          INTERFACES: joined(args.interfaces, " "),
          SUBNETS: joined(args.subnets, " "),
          PORTS: joined(args.ports, " "),
          SETTINGS: joined(args.settings, "\n"),
        },
        previousOutput: true,
      },
      childOptions(opts, { parent: this }),
    );

    this.registerOutputs({});
  }
}

const joined = (texts: pulumi.Input<pulumi.Input<string>[]> = [], by: string): pulumi.Output<string> =>
  pulumi.output(texts).apply((known) => known.join(by));
