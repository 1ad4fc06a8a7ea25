import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";
import { namespaceNameProblem } from "../lib/kernelNames.ts";

export interface NetworkNamespaceArgs {
  /** The host that holds the namespace. Its user must be root. */
  readonly host: Host;
  /** Name of the namespace, as `ip netns` shows it. */
  readonly namespace: pulumi.Input<string>;
  /** Who makes it: a namespace of the same name that belongs to somebody else is refused, and left as it is. */
  readonly owner: pulumi.Input<string>;
}

/**
 * A network namespace with its loopback up, as `ip netns add` makes it: interfaces, routes, firewall and sockets of its
 * own (network_namespaces(7)). It does not outlive a reboot of its host.
 */
export class NetworkNamespace extends pulumi.ComponentResource {
  /** The namespace's name. Known only once the namespace exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: NetworkNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:NetworkNamespace", name, {}, componentOptions(opts));
    const namespace = checked(this, args.namespace, namespaceNameProblem);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("namespace.sh", import.meta.url),
        variables: { NAME: namespace, OWNER: args.owner },
        identity: ["NAME", "OWNER"],
      },
      childOptions(opts, { parent: this }),
    );

    this.namespace = gated(namespace, script.stdout);
    this.registerOutputs({ namespace: this.namespace });
  }
}
