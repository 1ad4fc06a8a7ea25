import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { LabContainer } from "../components/LabContainer.ts";
import { objectName, ownerLabels } from "../components/lib/identity.ts";
import { LinkedContainer } from "../components/linked-container/LinkedContainer.ts";
import type { Claim, LabOutputs } from "./checks.ts";
import type { Config } from "./config.ts";
import { containerPart, linkPart, networkPart } from "./parts.ts";
import type { Shared } from "./shared.ts";

/** The port of MySQL, which the tutorial has in mind as the service behind the name. */
const PORT = 3306;

interface Names {
  readonly test7: string;
  readonly test8: string;
  readonly peer7: string;
  readonly peer8: string;
}

/** Row 5 of the tutorial: a legacy link, which has a direction, and beside it a user-defined network, which has names. */
export function links({ identity, network }: Config, { claim, image }: Shared): LabOutputs {
  const labels = ownerLabels(identity, "links");
  const box = image("box");
  const names: Names = {
    test7: objectName(identity, "test7"),
    test8: objectName(identity, "test8"),
    peer7: objectName(identity, "peer7"),
    peer8: objectName(identity, "peer8"),
  };

  const listening = {
    image: box,
    command: ["listen.sh", String(PORT)],
    healthcheck: `curl -fsS -o /dev/null http://127.0.0.1:${PORT}/`,
    labels,
  };
  const test7 = new LabContainer("test7", {
    ...listening,
    containerName: names.test7,
    hostname: "test7",
    network: "bridge",
    after: claim,
  });
  new LinkedContainer("test8", {
    host: { kind: "local" },
    containerName: names.test8,
    hostname: "test8",
    image: box,
    target: test7.containerId,
    alias: "test7",
    labels,
  });

  const userDefined = objectName(identity, "links-net");
  const own = new BridgeNetwork("links", {
    networkName: userDefined,
    ...network.links,
    after: claim,
    labels,
  });
  const peer = { network: { network: own.networkName }, labels };
  const peer7 = new LabContainer("peer7", { ...listening, ...peer, containerName: names.peer7, hostname: "peer7" });
  new LabContainer("peer8", { ...peer, image: box, containerName: names.peer8, hostname: "peer8", after: peer7 });

  return {
    urls: {},
    checks: [...linkClaims(names), ...networkClaims(names)],
    topology: [
      containerPart({ name: names.test7, image: "box", networks: ["bridge"], listens: PORT }),
      containerPart({ name: names.test8, image: "box", networks: ["bridge"] }),
      linkPart(names.test8, names.test7, "test7"),
      networkPart(userDefined, { driver: "bridge", ...network.links }),
      containerPart({ name: names.peer7, image: "box", networks: [userDefined], listens: PORT }),
      containerPart({ name: names.peer8, image: "box", networks: [userDefined] }),
    ],
  };
}

const linkClaims = ({ test7, test8 }: Names): Claim[] => [
  {
    id: "5.1-ping",
    says: `${test8} reaches ${test7} by its address`,
    kind: "ping",
    from: { container: test8 },
    to: { container: test7 },
    expect: "reply",
  },
  {
    id: "5.1-name",
    says: `${test8} knows the name test7, by its link`,
    kind: "dns",
    from: { container: test8 },
    name: "test7",
    expect: { container: test7 },
  },
  {
    id: "5.2-no-name",
    says: `${test7} does not know the name test8: a link has a direction`,
    kind: "dns",
    from: { container: test7 },
    name: "test8",
    expect: "unknown",
  },
  {
    id: "5.2-ping",
    says: `${test7} reaches ${test8} all the same, by its address`,
    kind: "ping",
    from: { container: test7 },
    to: { container: test8 },
    expect: "reply",
  },
  {
    id: "5.3-service",
    says: `${test8} reaches the service at test7:${PORT}`,
    kind: "tcp",
    from: { container: test8 },
    to: { address: "test7" },
    port: PORT,
    expect: "open",
  },
];

const networkClaims = ({ peer7, peer8 }: Names): Claim[] => [
  {
    id: "5.1-network-name",
    says: `on the user-defined network ${peer8} knows the name peer7 without a link`,
    kind: "dns",
    from: { container: peer8 },
    name: "peer7",
    expect: { container: peer7 },
  },
  {
    id: "5.2-network-name",
    says: `and ${peer7} knows the name peer8: names go both ways`,
    kind: "dns",
    from: { container: peer7 },
    name: "peer8",
    expect: { container: peer8 },
  },
  {
    id: "5.3-network-service",
    says: `${peer8} reaches the service at peer7:${PORT}`,
    kind: "tcp",
    from: { container: peer8 },
    to: { address: "peer7" },
    port: PORT,
    expect: "open",
  },
];
