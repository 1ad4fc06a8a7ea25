import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import { runOverSsh } from "../../lab/host/overSsh.ts";

/** A host of a member. */
export interface EtcdHost {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;
}

const SCRIPT = new URL("member.sh", import.meta.url);

/** Adds and removes a member with plain commands, over one connection to each host. */
export function byHand(first: EtcdHost, member: EtcdHost, keyFile: string, signal: AbortSignal) {
  const on = ({ address, hostKey }: EtcdHost, verb: string, INITIAL = "") => {
    const access = { address, port: 22, user: "root", sudo: false, hostKey, keyFile };
    const variables = { NAME: member.name, ADDRESS: member.address, FIRST: first.address, INITIAL };
    return runOverSsh(access, [assignments(variables), readScript(SCRIPT), verb].join("\n"), { signal });
  };
  return {
    async add() {
      await on(member, "start", await on(first, "add"));
    },
    /** Waits until the member takes part in the quorum, whichever subject started it. */
    healthy: () => on(member, "healthy"),
    async remove() {
      await on(first, "remove");
      await on(member, "stop");
    },
  };
}
