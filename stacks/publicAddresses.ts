import { withoutPrefix } from "../components/lib/cidr.ts";
import { isPublic, PRIVATE } from "../components/lib/ranges.ts";
import type { Config } from "./config.ts";
import type { LabName } from "./schema.ts";

/** What follows from each setting whose addresses hosts of the Internet may have, a sentence each. */
export function publicAddresses(config: Config): string[] {
  const { labs, claims, namespaces, overlay, hosts, publishAddress } = config;
  const built = (name: LabName) => labs.includes(name);
  const blocks = [
    ...claims.subnets,
    ...(built("overlay") ? [{ setting: "overlay.network", value: overlay.network }] : []),
    ...(built("namespaces")
      ? namespaces.addresses.map((end) => ({ setting: "namespaces.addresses", value: withoutPrefix(end) }))
      : []),
  ];
  return [
    ...blocks
      .filter(({ value }) => isPublic(value))
      .map(
        ({ setting, value }) =>
          `${setting}: ${value} is public, and hosts of the Internet with these addresses cannot be reached beside it; private are ${PRIVATE.join(", ")}`,
      ),
    ...(built("overlay") ? hosts : [])
      .filter(({ address, gone }) => isPublic(address) && !gone)
      .map(
        ({ name, address }) =>
          `hosts.${name}.address: ${address} is public, and etcd and the overlay neither encrypt nor ask who is there; let only the other hosts through its firewall`,
      ),
    ...(claims.ports.length > 0 && isPublic(publishAddress)
      ? [`publishAddress: ${publishAddress} is public, and whoever reaches it can use the published ports`]
      : []),
  ];
}
