import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";
import { ownerOf } from "../lib/identity.ts";
import { namespaceNameProblem } from "../lib/kernelNames.ts";

export interface NetworkNamespaceArgs {
  /**
   * The namespace's host. Its user must be root.
   * @default - the host that runs Pulumi
   */
  readonly host?: Host;
  /** Name of the namespace, as `ip netns` shows it. */
  readonly namespace: pulumi.Input<string>;
  /**
   * Owner mark: an existing namespace of the same name with another owner is refused and not changed.
   * @default - `PROJECT/STACK` of the program
   */
  readonly owner?: pulumi.Input<string>;
}

/**
 * A named network namespace with its loopback up, like `ip netns add`: a separate set of interfaces, routes, firewall
 * rules and sockets (network_namespaces(7)). It does not survive a reboot of its host.
 *
 * @example
 * ```ts
 * import { NetworkNamespace } from "dockernet";
 *
 * export const { namespace } = new NetworkNamespace("test1", { namespace: "test1" });
 * ```
 */
export class NetworkNamespace extends pulumi.ComponentResource {
  /** The namespace's name. Known once the namespace exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: NetworkNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:NetworkNamespace", name, {}, componentOptions(opts));
    const namespace = checked(this, args.namespace, namespaceNameProblem);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("namespace.sh", import.meta.url),
        variables: {
          NAME: namespace,
          OWNER: args.owner ?? ownerOf({ project: pulumi.getProject(), stack: pulumi.getStack() }),
        },
        identity: ["NAME", "OWNER"],
      },
      childOptions(opts, { parent: this }),
    );

    this.namespace = gated(namespace, script.stdout);
    this.registerOutputs({ namespace: this.namespace });
  }
}
