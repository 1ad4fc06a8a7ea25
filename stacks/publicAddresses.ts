import { isPublic, PRIVATE } from "../components/lib/ranges.ts";
import type { Config } from "./config.ts";
import { describedLab } from "./labs/index.ts";

/** Warnings about settings with public addresses, one sentence each. */
export function publicAddresses({ labs, settings, reservations, hosts, publishAddress }: Config): string[] {
  const used = labs.flatMap((lab) =>
    Object.entries(describedLab(lab).uses?.(settings[lab]) ?? {}).flatMap(([key, values]) =>
      values.map((value) => ({ setting: `${lab}.${key}`, value })),
    ),
  );
  const onAllHosts = labs.some((lab) => describedLab(lab).hosts?.(settings[lab]) === "all");
  return [
    ...[...reservations.subnets, ...used]
      .filter(({ value }) => isPublic(value))
      .map(
        ({ setting, value }) =>
          `${setting}: ${value} is public, and hosts of the Internet with these addresses cannot be reached beside it; private are ${PRIVATE.join(", ")}`,
      ),
    ...(onAllHosts ? hosts : [])
      .filter(({ address, gone }) => isPublic(address) && !gone)
      .map(
        ({ name, address }) =>
          `hosts.${name}.address: ${address} is public, and etcd and the overlay neither encrypt nor ask who is there; let only the other hosts through its firewall`,
      ),
    ...(reservations.ports.length > 0 && isPublic(publishAddress)
      ? [`publishAddress: ${publishAddress} is public, and every host that reaches it can use the published ports`]
      : []),
  ];
}
