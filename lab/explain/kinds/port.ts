import { rulesOf } from "../../firewall.ts";
import { knock } from "../../knock.ts";
import { table } from "../../table.ts";
import { behind, listeners, meantAt, portFaults } from "../faults/port.ts";
import { type Fault, type Scene, upAgain } from "../scene.ts";
import { faultRows, sections } from "../tell.ts";

/** How long a connection is waited for. */
const PATIENCE_SEC = 2;

/** What a TCP port of this machine leads to. */
export async function explainPort(scene: Scene, port: number): Promise<string> {
  const { here } = scene;
  const [containers, programs, rules] = await Promise.all([
    behind(here, port),
    listeners(here.machine, port),
    rulesOf(here.machine),
  ]);
  const [first] = containers;
  const meant = meantAt(scene, port);
  const shared = scene.outputs.topology.nodes.filter(
    ({ id, facts }) => facts.listens === `${port}/tcp` && sharing(scene, id),
  );
  const dnat = rules?.filter(({ text }) => text.includes(`--dport ${port} `) && text.includes("-j DNAT")) ?? [];
  const at = first?.address === undefined || first.address === "0.0.0.0" ? "127.0.0.1" : first.address;
  const rows = [
    ...containers.map(({ address, container, inside }) => [
      "leads to",
      `${inside} of the container ${container.name}, from ${address}:${port}`,
    ]),
    ...(containers.length === 0 ? [["leads to", "no container"]] : []),
    ...meant.map(({ outside, container, inside }) => ["by the state", `${outside} leads to ${inside} of ${container}`]),
    ...shared.map(({ name }) => ["by the state", `${name} listens here itself, since it has the machine's network`]),
    ["listens", programs.join(", ") || "nobody"],
    ...dnat.map(({ text }) => ["rule", text]),
    ...(rules || first === undefined ? [] : [["rule", "only root can list the firewall's"]]),
    ["knock", `${at}:${port} is ${await knock(at, port, PATIENCE_SEC)}`],
  ];
  const missing: Fault[] =
    meant.length > 0 && programs.length === 0
      ? [
          {
            says: `nobody listens on port ${port}, and the lab publishes it for ${meant[0]?.container}`,
            mend: upAgain(scene),
          },
        ]
      : [];
  return sections(
    `port ${port} of this machine ${first ? `is published for ${first.container.name}` : "is published for no container"}`,
    table([...rows, ...faultRows([...missing, ...(await portFaults(scene, port))])]),
  );
}

const sharing = ({ outputs: { topology } }: Scene, id: string): boolean =>
  topology.links.some(({ kind, from }) => kind === "shares" && from === id);
