import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { cableProblem, networkOf, withoutPrefix } from "../lib/cidr.ts";
import { interfaceNameProblem } from "../lib/kernelNames.ts";

/** One end of a virtual cable. */
export interface VethEnd {
  /** The network namespace that holds it. */
  readonly namespace: pulumi.Input<string>;
  /** Name of the interface, at most 15 bytes (IFNAMSIZ in netdevice(7)). */
  readonly interface: string;
  /** IPv4 address with prefix length, for example `192.168.1.1/24`. Both ends must be in one block. */
  readonly address: string;
}

export interface VethPairArgs {
  /** The machine that holds both namespaces. Its user must be root. */
  readonly host: Host;
  /** The two ends. */
  readonly ends: readonly [VethEnd, VethEnd];
}

/**
 * A veth pair between two network namespaces, with an address on either end and both ends up: what goes in at one end
 * comes out at the other (veth(4)). Changing an address keeps the pair; changing an interface's name makes a new one.
 */
export class VethPair extends pulumi.ComponentResource {
  /** The addresses of the two ends, without prefix length. Known only once both ends are up. */
  readonly addresses: pulumi.Output<[string, string]>;

  constructor(name: string, args: VethPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:VethPair", name, {}, opts);
    const [a, b] = args.ends;
    const problem =
      interfaceNameProblem(a.interface) ?? interfaceNameProblem(b.interface) ?? cableProblem([a.address, b.address]);
    if (problem) throw new pulumi.ResourceError(problem, this, true);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("veth.sh", import.meta.url),
        variables: {
          A_NAMESPACE: a.namespace,
          A_NAME: a.interface,
          A_ADDRESS: a.address,
          B_NAMESPACE: b.namespace,
          B_NAME: b.interface,
          B_ADDRESS: b.address,
          NETWORK: networkOf(a.address),
        },
        identity: ["A_NAMESPACE", "A_NAME", "B_NAMESPACE", "B_NAME"],
      },
      { parent: this },
    );

    this.addresses = script.stdout.apply((): [string, string] => [withoutPrefix(a.address), withoutPrefix(b.address)]);
    this.registerOutputs({ addresses: this.addresses });
  }
}
