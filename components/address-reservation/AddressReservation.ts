import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { type Identity, ownerOf } from "../lib/identity.ts";

export interface AddressReservationArgs {
  /** The host whose `docker` command reaches the engine. */
  readonly host: Host;
  /** Owner of the reservation: networks and containers with its labels do not conflict. */
  readonly identity: Identity;
  /** IPv4 blocks in CIDR notation. */
  readonly subnets: pulumi.Input<pulumi.Input<string>[]>;
  /** TCP ports of the host, as `ADDRESS:PORT`. */
  readonly ports: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The setting that chooses each block and port, as `SETTING VALUE`. A value that moves from one setting to another in
   * the same update is refused, because the old network or container is deleted too late.
   * @default - no such check
   */
  readonly settings?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Interfaces of the host that belong to the owner: their routes do not conflict.
   * @default - none
   */
  readonly interfaces?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * Refuses subnets and ports that are in use, before anything is created: a subnet that overlaps another network of the
 * engine or a route, rule or address of its host, a port that a process listens on, and a publish address that no
 * interface has. The error names the conflict. Resources that use the addresses must depend on this component. It
 * checks when it is created and when the reservation changes; the engine itself refuses later conflicts. Routes and
 * ports are checked only if the engine is on the host.
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
