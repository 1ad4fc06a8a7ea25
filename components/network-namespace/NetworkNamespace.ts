import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { namespaceNameProblem } from "../lib/kernelNames.ts";

export interface NetworkNamespaceArgs {
  /** The machine that holds the namespace. Its user must be root. */
  readonly host: Host;
  /** Name of the namespace, as `ip netns` shows it. */
  readonly namespace: string;
  /** Who makes it: a namespace of the same name that belongs to somebody else is refused, and left as it is. */
  readonly owner: string;
  /**
   * What must be there before the namespace is made.
   * @default - nothing
   */
  readonly after?: pulumi.Resource;
}

/**
 * A network namespace with its loopback up, as `ip netns add` makes it: interfaces, routes, firewall and sockets of its
 * own (network_namespaces(7)). It does not outlive a reboot of its host.
 */
export class NetworkNamespace extends pulumi.ComponentResource {
  /** The namespace's name. Known only once the namespace exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: NetworkNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:NetworkNamespace", name, {}, opts);
    const problem = namespaceNameProblem(args.namespace);
    if (problem) throw new pulumi.ResourceError(problem, this, true);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("namespace.sh", import.meta.url),
        variables: { NAME: args.namespace, OWNER: args.owner },
        identity: ["NAME", "OWNER"],
        after: args.after && [args.after],
      },
      { parent: this },
    );

    this.namespace = script.stdout.apply(() => args.namespace);
    this.registerOutputs({ namespace: this.namespace });
  }
}
