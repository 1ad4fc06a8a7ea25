import { readScript } from "../../../components/host-script/scriptText.ts";
import { certificatesIn } from "../../../components/lib/certificates.ts";
import { type FactScript, type Facts, readFacts } from "../facts.ts";
import type { HostSession } from "../session.ts";

/** Certificates that end within this time should be renewed, in days. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/** A certificate on a host, and the CAs that it comes with, in PEM. */
export interface HostCertificate {
  readonly whose: "etcd" | "engine";
  readonly certificate: string;
  readonly ca: string;
}

/** What is known of a host's certificates together. */
export interface Verdict {
  /** What is wrong with them, each in words without a full stop; none if nothing is. */
  readonly problems: readonly string[];
  /** The days until the first of them ends, rounded down. */
  readonly days: number;
  /** The day on which the first of them ends. */
  readonly until: string;
  /** Whether that is soon. */
  readonly soon: boolean;
}

/** Reads the certificates of a host; their facts are `certificate`. */
export const CERTIFICATE_FACTS: FactScript = { script: new URL("ask.sh", import.meta.url), call: "certificates" };

/** The certificates of etcd and the engine on a host; none without TLS, undefined if the host does not answer. */
export async function hostCertificates(session: HostSession): Promise<HostCertificate[] | undefined> {
  const text = await session.read(["sh", "-c", `${readScript(CERTIFICATE_FACTS.script)}\n${CERTIFICATE_FACTS.call}`]);
  return text === undefined ? undefined : certificatesOf(readFacts(text));
}

export const certificatesOf = ({ all }: Facts): HostCertificate[] =>
  all("certificate").flatMap((line) => {
    const [whose, certificate = "", ca = ""] = line.split(" ");
    return whose === "etcd" || whose === "engine" ? [{ whose, certificate: text(certificate), ca: text(ca) }] : [];
  });

const text = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
const day = (date: Date): string => date.toISOString().slice(0, 10);

/** Judges the certificates of a host that the others reach at an address; undefined if it has none. */
export function judgeCertificates(found: readonly HostCertificate[], address: string, now: Date): Verdict | undefined {
  if (found.length === 0) return undefined;
  const problems = found.flatMap((each) => certificateProblem(each, address, now) ?? []);
  const ends = found.flatMap(({ certificate }) => certificatesIn(certificate)?.[0]?.validToDate ?? []);
  const first = new Date(Math.min(...ends.map(Number)));
  const days = Math.floor((Number(first) - Number(now)) / DAY_MS);
  return ends.length === 0
    ? { problems, days: 0, until: "unknown", soon: true }
    : { problems, days, until: day(first), soon: days < SOON_DAYS };
}

function certificateProblem({ whose, certificate, ca }: HostCertificate, address: string, now: Date) {
  const name = whose === "etcd" ? "the certificate of etcd" : "the engine's certificate for etcd";
  const [own] = certificatesIn(certificate) ?? [];
  const trusted = certificatesIn(ca) ?? [];
  if (!own) return `${name} is damaged`;
  if (own.validToDate < now) return `${name} has expired on ${day(own.validToDate)}`;
  if (own.validFromDate > now) return `${name} is not valid before ${own.validFrom}, by the clock of this host`;
  if (!trusted.some((each) => own.checkIssued(each) && own.verify(each.publicKey))) {
    return `${name} is of another CA than the cluster's`;
  }
  if (whose === "etcd" && own.checkIP(address) === undefined) {
    return `${name} is valid for ${addressesOf(own.subjectAltName)}, not ${address}`;
  }
  return undefined;
}

const addressesOf = (names = ""): string => names.replaceAll("IP Address:", "") || "no address";
