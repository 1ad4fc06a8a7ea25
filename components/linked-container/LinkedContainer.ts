import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";

export interface LinkedContainerArgs {
  /** The machine whose `docker` command reaches the engine. The engine must be older than 30.0. */
  readonly host: Host;
  /** The container's name on the engine. */
  readonly containerName: string;
  /** Its hostname. */
  readonly hostname: string;
  /** Id of the image. */
  readonly image: pulumi.Input<string>;
  /** Id of the container that it is linked to, on the default bridge: one that is made anew needs a new link. */
  readonly target: pulumi.Input<string>;
  /** The name that it knows that container by. */
  readonly alias: string;
  /** Labels of the container. They say whose it is: one of the same name without them is refused. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A container on the default bridge with a legacy link to another one: what `docker run --link` makes. A link is an
 * entry in /etc/hosts, in one direction. The Docker provider has no links any more and engines have none from 30.0 on,
 * so this runs the command itself; on a user-defined network names resolve without any.
 */
export class LinkedContainer extends pulumi.ComponentResource {
  /** The container's name on the engine. Known only once it runs. */
  readonly containerName: pulumi.Output<string>;

  constructor(name: string, args: LinkedContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:LinkedContainer", name, {}, opts);
    const labels = Object.entries(args.labels).sort();

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("linked.sh", import.meta.url),
        variables: {
          NAME: args.containerName,
          HOST_NAME: args.hostname,
          IMAGE: args.image,
          TARGET: args.target,
          ALIAS: args.alias,
          LABELS: labels.map(([key, value]) => `${key}=${value}`).join("\n"),
        },
        identity: ["NAME", "LABELS"],
      },
      { parent: this },
    );

    this.containerName = script.stdout.apply(() => args.containerName);
    this.registerOutputs({ containerName: this.containerName });
  }
}
