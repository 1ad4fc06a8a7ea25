import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { parseCidr } from "../lib/cidr.ts";
import { networkNameProblem } from "../lib/dockerNames.ts";

/** An engine whose networks are in the cluster store. */
export interface OverlayEngine {
  readonly host: Host;
  /** Its store, as {@link ClusterStoreEngine.store} gives it. */
  readonly store: pulumi.Input<string>;
}

export interface OverlayNetworkArgs {
  /** The network's name on every engine. */
  readonly networkName: string;
  /** IPv4 block of the network in CIDR notation, for example `10.10.0.0/24`. It must overlap no route of the hosts. */
  readonly subnet: string;
  /** The engines, of which the first one makes the network. */
  readonly engines: readonly OverlayEngine[];
  /** Token of the etcd cluster that the store is. With another cluster behind it this is another network. */
  readonly clusterToken: pulumi.Input<string>;
  /** Labels of the network, without spaces: a network of the same name with others is refused and left alone. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * An overlay network of engines that share a cluster store: `docker network create -d overlay` on the first one. Its
 * containers reach each other on whichever machine they are, through VXLAN (RFC 7348).
 */
export class OverlayNetwork extends pulumi.ComponentResource {
  /** Id of the network, the same on every engine. Known only once all of them show it. */
  readonly networkId: pulumi.Output<string>;

  constructor(name: string, args: OverlayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:OverlayNetwork", name, {}, opts);
    const [first, ...others] = args.engines;
    const problem = overlayProblem(args);
    if (problem || !first) throw new pulumi.ResourceError(problem ?? "expected an engine, got none", this, true);

    const network = new HostScript(
      name,
      {
        host: first.host,
        script: new URL("network.sh", import.meta.url),
        variables: {
          NAME: args.networkName,
          SUBNET: args.subnet,
          LABELS: labelLines(args.labels),
          // Of all engines, so that each keeps its store until the network is gone.
          STORE: pulumi.all(args.engines.map(({ store }) => store)).apply(([store = ""]) => store),
          CLUSTER: args.clusterToken,
        },
        identity: ["NAME", "SUBNET", "LABELS", "CLUSTER"],
      },
      { parent: this },
    );
    const id = network.stdout.apply((text) => text.trim());
    const seen = others.map(
      ({ host, store }, index) =>
        new HostScript(
          `${name}-engine-${index + 2}`,
          {
            host,
            script: new URL("visible.sh", import.meta.url),
            variables: { NAME: args.networkName, ID: id, STORE: store },
          },
          { parent: this },
        ),
    );

    this.networkId = pulumi.all([id, pulumi.all(seen.map(({ stdout }) => stdout))]).apply(([made]) => made);
    this.registerOutputs({ networkId: this.networkId });
  }
}

function overlayProblem({ networkName, subnet, labels }: OverlayNetworkArgs): string | undefined {
  try {
    parseCidr(subnet);
  } catch (error) {
    return (error as Error).message;
  }
  const label = Object.entries(labels).find((each) => /\s/.test(each.join("")));
  return networkNameProblem(networkName) ?? (label && `expected a label without spaces, got ${JSON.stringify(label)}`);
}

const labelLines = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join("\n");
