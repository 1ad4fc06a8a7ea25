import { failureTolerance, type MemberIdentity, memberLine } from "./etcd.ts";

/** A member with its host, as a cluster's roster keeps it. */
export interface RosterMember extends MemberIdentity {
  /** Id of the host: that of the resource which makes it, else its address. */
  readonly hostId: string;
  /** Whether Pulumi makes the host: with another id it has another, empty disk. */
  readonly made: boolean;
}

/** A member as a line of roster.sh. */
export const rosterLine = (member: RosterMember): string =>
  `${memberLine(member)} ${member.hostId} ${member.made ? "made" : "own"}`;

/** What roster.sh printed: whether the cluster may be alive, and its earlier members. */
export interface Roster {
  readonly exists: boolean;
  /** The member that went on without the others, and what had happened, in one word; empty if none ever did. */
  readonly alone: string;
  readonly former: readonly MemberIdentity[];
}

/** Reads the output of roster.sh. */
export function readRoster(printed: string): Roster {
  const lines = printed.split("\n");
  const former = lines.filter((line) => line.startsWith("former ")).flatMap((line) => readMember(line.slice(7)) ?? []);
  const alone = lines.find((line) => line.startsWith("alone "))?.slice("alone ".length) ?? "";
  return { exists: lines.includes("exists yes"), alone, former };
}

/** A member of a line of roster.sh; undefined if the line is not one. */
function readMember(line: string): MemberIdentity | undefined {
  const [, memberName, scheme, address, client, peer] =
    /^(\S+) (https?):\/\/([^:]+):(\d+) https?:\/\/[^:]+:(\d+) /.exec(line) ?? [];
  if (memberName === undefined || address === undefined) return undefined;
  const place = { memberName, address, clientPort: Number(client), peerPort: Number(peer) };
  return scheme === "https" ? { ...place, tls: true } : place;
}

/** Members of a cluster, its quorum and the failures that it tolerates, in words. */
export function quorumText(members: readonly MemberIdentity[]): string {
  const size = members.length;
  const tolerated = failureTolerance(size);
  return `${count(size, "member")} (${members.map(({ memberName }) => memberName).join(", ")}): quorum ${size - tolerated}, tolerates ${count(tolerated, "failure")}`;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
