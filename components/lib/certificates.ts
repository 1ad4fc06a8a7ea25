import { createPrivateKey, X509Certificate } from "node:crypto";

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The certificates of an etcd cluster. */
export interface EtcdCertificates {
  /** The CAs that members and clients trust, one after the other. */
  readonly ca: string;
  readonly client: KeyPair;
  /** Those of the members, by name. */
  readonly members: Readonly<Record<string, KeyPair>>;
}

const pem = (base64 = ""): string => Buffer.from(base64, "base64").toString("utf8").trim();
const pair = (certificate?: string, key?: string): KeyPair => ({ certificate: pem(certificate), key: pem(key) });

/** Reads the output of certificates.sh. */
export function readCertificates(printed: string): EtcdCertificates {
  const lines = printed.split("\n").map((line) => line.split(" "));
  const of = (kind: string) => lines.filter(([first]) => first === kind);
  const trusted = ["ca", "next", "former"].flatMap(of).map(([, certificate]) => pem(certificate));
  return {
    ca: trusted.join("\n"),
    client: of("client").map(([, ...words]) => pair(...words))[0] ?? pair(),
    members: Object.fromEntries(of("member").map(([, name = "", , ...words]) => [name, pair(...words)])),
  };
}

/** The certificates in a text in PEM; undefined if it has none or one that is damaged. */
export function certificatesIn(text: string): X509Certificate[] | undefined {
  try {
    const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return found.length === 0 ? undefined : found.map((each) => new X509Certificate(each));
  } catch {
    return undefined;
  }
}

/** A CA with a certificate of it and the key, each in PEM; all empty without TLS. */
export interface Credentials {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly key: string;
}

/** An error message if these do not belong together; undefined if they do, or if all are empty. Its texts show no key. */
export function credentialsProblem({ caCertificate, certificate, key }: Credentials): string | undefined {
  const given = [caCertificate, certificate, key].filter((each) => each !== "").length;
  if (given === 0) return undefined;
  if (given < 3) return "expected a CA certificate, a certificate and its key, or none of them";
  const trusted = certificatesIn(caCertificate);
  if (!trusted) return "expected the CA certificate in PEM (-----BEGIN CERTIFICATE-----)";
  const [own] = certificatesIn(certificate) ?? [];
  if (!own) return "expected the certificate in PEM (-----BEGIN CERTIFICATE-----)";
  if (!trusted.some((ca) => own.checkIssued(ca) && own.verify(ca.publicKey))) {
    return `the certificate ${nameOf(own.subject)} is not one of the CA ${trusted.map((ca) => nameOf(ca.subject)).join(", ")}`;
  }
  const secret = privateKey(key);
  if (!secret) return "expected the key in PEM (-----BEGIN PRIVATE KEY-----), without a passphrase";
  return own.checkPrivateKey(secret) ? undefined : `the key is not that of the certificate ${nameOf(own.subject)}`;
}

function privateKey(text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** The common name in a subject. */
const nameOf = (subject: string): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
