import { type Context, type Fault, upAgain } from "../../../faults/context.ts";
import { behind, meantAt, portFaults } from "../../../faults/port.ts";
import { publishing } from "../../../host/firewall/needed.ts";
import { firewallOf } from "../../../host/firewall/read.ts";
import { listeners } from "../../../host/listeners.ts";
import { probeTcp } from "../../../host/probeTcp.ts";
import { type Explanation, explanation, faultRows, labelled } from "../format.ts";

/** Timeout of a connection. */
const PATIENCE_SEC = 2;

/** Explains what a TCP port of this host leads to. */
export async function explainPort(context: Context, port: number): Promise<Explanation> {
  const { here } = context;
  const [containers, programs, firewall] = await Promise.all([
    behind(here, port),
    listeners(here.session, port),
    firewallOf(here.session),
  ]);
  const [first] = containers;
  const meant = meantAt(context, port);
  const shared = context.outputs.topology.nodes.filter(
    ({ id, facts }) => facts.listens === `${port}/tcp` && sharing(context, id),
  );
  const dnat = firewall ? publishing(firewall, String(port)) : [];
  const at = first?.address === undefined || first.address === "0.0.0.0" ? "127.0.0.1" : first.address;
  const rows = [
    ...containers.map(({ address, container, inside }) => [
      "leads to",
      `${inside} of the container ${container.name}, from ${address}:${port}`,
    ]),
    ...(containers.length === 0 ? [["leads to", "no container"]] : []),
    ...meant.map(({ outside, container, inside }) => ["expected", `${outside} leads to ${inside} of ${container}`]),
    ...shared.map(({ name }) => ["expected", `${name} listens here itself, since it has the host's network`]),
    ["listens", programs.join(", ") || "no process"],
    ...dnat.map(({ text }) => ["rule", text]),
    ...(firewall || first === undefined ? [] : [["rule", "only root can list the firewall's"]]),
    ["TCP probe", `${at}:${port} is ${await probeTcp(at, port, PATIENCE_SEC)}`],
  ];
  const missing: Fault[] =
    meant.length > 0 && programs.length === 0
      ? [
          {
            title: `no process listens on port ${port}, which the lab publishes for ${meant[0]?.container}`,
            fix: upAgain(context),
          },
        ]
      : [];
  const found = await portFaults(context, port);
  const faults = found.some(({ unseen }) => unseen) ? found : [...missing, ...found];
  return explanation(
    faults,
    `port ${port} of this host ${first ? `is published for ${first.container.name}` : "is published for no container"}`,
    labelled([...rows, ...faultRows(faults)]),
  );
}

const sharing = ({ outputs: { topology } }: Context, id: string): boolean =>
  topology.links.some(({ kind, from }) => kind === "shares" && from === id);
