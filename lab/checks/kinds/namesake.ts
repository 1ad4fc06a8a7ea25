import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf, host, network } from "../participants.ts";

export default {
  how: "a container of the same name is run on the other host, the name is looked up there, and the container removed again",
  mayBe: "an engine that refuses the name, or a network whose engines do not tell each other of their containers",
  probe,
  participants: ({ holder, on, like, ...check }) => [
    ...endOf({ container: check.container, on: holder }),
    ...endOf({ container: like, on }),
    network(check.network, on),
    host(on),
  ],
  marks: ({ on, ...check }, find) => ({ nodes: [find.node("network", check.network, on)] }),
  isSlow: () => true,
  // While it runs, the name has two addresses.
  runsAlone: true,
} satisfies CheckKind<"namesake">;

/** Time for it to join; an engine may wait for longer, as on a drained node. */
const JOIN_SEC = 8;

/** Whether a container's name may be had a second time on another host of its network. It is removed again. */
async function probe(check: CheckOf<"namesake">, sessions: HostSessions): Promise<ProbeResult> {
  const { on, network, container, holder, like } = check;
  const session = sessions(on);
  const first = await running(sessions(holder), container);
  const { name: neighbour } = await running(session, like);
  if ((await session.containers()).has(container)) {
    throw new ProbeError(`${on} has a container ${container}, so no second one can be tried`);
  }
  // The names of other hosts arrive a moment later. nslookup is BusyBox's, which prints its server's address with a port.
  const script = `said=$(timeout ${JOIN_SEC} docker run --detach --name "$0" --network "$1" "$(docker inspect --format '{{.Image}}' "$2")" sleep 60 2>&1)
    code=$?
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      found=$(docker exec "$2" nslookup "$0" 2>/dev/null | sed -n 's/^Address[^:]*: *\\([0-9.]*\\)$/\\1/p' | sort -u)
      if [ "$code" -ne 0 ] || [ "$(echo "$found" | grep -c .)" -ge 2 ]; then break; fi
      sleep 0.3
    done
    docker rm --force "$0" >/dev/null 2>&1
    if [ "$code" -eq 0 ]; then echo "let in" $found; else echo "$said" | tail -n 1; fi`;
  const said = (await session.attempt(["sh", "-c", script, container, network, neighbour])) ?? "no answer";
  const addresses = /^let in (.*)$/.exec(said)?.[1]?.split(" ");
  if (!addresses) return { passed: false, actual: `not let in: ${said.slice(-120)}` };
  const isFirst = addresses.includes(first.addresses[network] ?? "");
  return { passed: isFirst && addresses.length === 2, actual: `let in: ${container} is ${addresses.join(" and ")}` };
}
