import { parseCidr } from "../../../components/lib/cidr.ts";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { networkOf, type ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf, host, network } from "../participants.ts";

export default {
  how: "a container of the same name is run on the other host: the engine must refuse it",
  mayBe: "a store that does not answer, or a network that is not shared",
  probe,
  participants: ({ holder, on, ...check }) => [
    ...endOf({ container: check.container, on: holder }),
    network(check.network, on),
    host(on),
  ],
  marks: ({ on, ...check }, find) => ({ nodes: [find.node("network", check.network, on)] }),
  isSlow: () => true,
} satisfies CheckKind<"duplicate">;

/** Checks that a container's name is taken on all hosts of its network. Removes what the attempt leaves behind. */
async function probe(
  { on, network, container, holder }: CheckOf<"duplicate">,
  sessions: HostSessions,
): Promise<ProbeResult> {
  const session = sessions(on);
  const { subnets } = await networkOf(session, network);
  const containers = [...(await session.containers()).values()];
  if (containers.some(({ name }) => name === container)) {
    throw new ProbeError(`${on} has a container ${container}, so no second one can be tried`);
  }
  // Any image will do, since the container must never start.
  const image = await session.attempt(["docker", "images", "--quiet", "--no-trunc"]);
  // It must not use the other container's address either: an engine that had the address keeps routing its packets to
  // itself.
  const [subnet = ""] = subnets;
  const address = parseCidr(subnet).endAddressExclusive().correctForm();
  // The name is free while the other host restarts, and taking it then would prevent the container from starting there.
  // So check last, and again, that the container runs.
  const holds = await sessions(holder).attempt(["docker", "inspect", "--format", "{{.State.Running}}", container]);
  if (holds !== "true") throw new ProbeError(`the container ${container} does not run`);
  // Remove it before printing, since the reader may have exited by then.
  const script = `said=$(docker run --name "$0" --network "$1" --ip "$3" "$2" true 2>&1); code=$?
    docker rm --force "$0" >/dev/null; echo "$said"; echo "exit code $code"`;
  const said = await session.attempt(["sh", "-c", script, container, network, image?.split("\n")[0] ?? "", address]);
  const refused = new RegExp(`endpoint with name ${container} already exists in network ${network}`).exec(said ?? "");
  return { passed: refused !== null, actual: refused?.[0] ?? `not refused: ${said?.slice(-80) ?? "no answer"}` };
}
