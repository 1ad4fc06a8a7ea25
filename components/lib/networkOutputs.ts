import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { gated } from "./gated.ts";

/** Outputs of a component that is a network, known once the network exists. */
export interface NetworkOutputs {
  readonly networkId: pulumi.Output<string>;
  readonly networkName: pulumi.Output<string>;
  readonly subnet: pulumi.Output<string>;
  readonly gateway: pulumi.Output<string>;
}

export const networkOutputs = (
  { id, name }: docker.Network,
  { subnet, gateway }: { readonly subnet: pulumi.Input<string>; readonly gateway: pulumi.Input<string> },
): NetworkOutputs => ({
  networkId: id,
  networkName: gated(name, id),
  subnet: gated(subnet, id),
  gateway: gated(gateway, id),
});
