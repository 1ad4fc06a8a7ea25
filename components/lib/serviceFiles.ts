import { scryptSync } from "node:crypto";

/** What the containers of a service have as a file: a secret, kept encrypted by the managers and in memory by a node, or a config. */
export type ServiceFileKind = "secret" | "config";

/** Name and place of a secret or a config in the containers of a service. */
export interface ServiceFilePlace {
  /** Name, unique among the secrets, or the configs, of the service: letters, digits and `_.-`. */
  readonly name: string;
  /**
   * Path inside the containers. That of a secret may be a name below `/run/secrets`.
   * @default - `/run/secrets/NAME` for a secret, `/NAME` for a config
   */
  readonly target?: string;
  /**
   * Id of the user that owns the file.
   * @default 0 (root)
   */
  readonly uid?: number;
  /**
   * Id of its group.
   * @default 0 (root)
   */
  readonly gid?: number;
  /**
   * Permissions, in octal digits. Root of a container without the capability `DAC_OVERRIDE` needs them, too.
   * @default "0444" (everyone reads it)
   */
  readonly mode?: string;
}

/** A secret or a config whose values are known. */
export interface KnownFile extends ServiceFilePlace {
  readonly content?: string | undefined;
  /** Name of one that the swarm has already. */
  readonly existing?: string | undefined;
}

/** Limit of the engine, in bytes (swarmkit's MaxSecretSize and MaxConfigSize). */
const LIMIT = { secret: 500 * 1024, config: 1000 * 1024 } as const;
/** Longest name of a secret or a config. */
const LONGEST = 64;
const HASH_BYTES = 6;
const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$/;

/** An error message, without any content, if a service cannot have these files; undefined otherwise. */
export function filesProblem(kind: ServiceFileKind, files: readonly KnownFile[]): string | undefined {
  const names = files.map(({ name }) => name);
  const twice = repeated(names) ?? repeated(files.map((file) => targetOf(kind, file)));
  const problems = files.map((file) => {
    const problem = fileProblem(kind, file);
    return problem && `${kind} ${file.name}: ${problem}`;
  });
  return problems.find(Boolean) ?? (twice && `two ${kind}s of a service cannot both be ${twice}`);
}

const repeated = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) < index);

function fileProblem(kind: ServiceFileKind, file: KnownFile): string | undefined {
  const { name, content, existing, mode = "0444", uid = 0, gid = 0 } = file;
  const called = [name, existing].find((each) => each !== undefined && !NAME.test(each));
  if (called !== undefined)
    return `expected a name of 1 to ${LONGEST} letters, digits and _.-, got ${JSON.stringify(called)}`;
  if ((content === undefined) === (existing === undefined)) return "expected either content or existing";
  const size = Buffer.byteLength(content ?? "x");
  if (size < 1 || size >= LIMIT[kind]) return `expected 1 to ${LIMIT[kind] - 1} bytes, got ${size}`;
  if (!/^0?[0-7]{3}$/.test(mode)) return `expected permissions such as 0440, got ${JSON.stringify(mode)}`;
  const id = [uid, gid].find((each) => !Number.isInteger(each) || each < 0);
  if (id !== undefined) return `expected the id of a user or a group, got ${id}`;
  const target = targetOf(kind, file);
  if (!/^[^\p{Cc}]*[^\p{Cc}/]$/u.test(target) || (kind === "config" && !target.startsWith("/"))) {
    return `expected the path of a file inside the containers, got ${JSON.stringify(target)}`;
  }
  return undefined;
}

const targetOf = (kind: ServiceFileKind, { name, target = kind === "secret" ? name : `/${name}` }: KnownFile): string =>
  target;

/** The service that has files, and its swarm. */
interface Holder {
  readonly serviceName: string;
  readonly clusterId: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Name of a file in the swarm, where no content can be changed: another content is another name. The hash in it is a slow one
 * (scrypt), because managers show names, from which a short password could be found by trying.
 */
export function nameInSwarm(kind: ServiceFileKind, file: KnownFile, { serviceName, clusterId }: Holder): string {
  if (file.existing !== undefined) return file.existing;
  const salt = JSON.stringify([clusterId, serviceName, kind, file.name]);
  const hash = scryptSync(file.content ?? "", salt, HASH_BYTES).toString("hex");
  return `${`${serviceName}.${file.name}`.slice(0, LONGEST - hash.length - 1)}.${hash}`;
}

/** A reference of a service to a file, as in the API's ServiceSpec. The script puts the id in the place of `@KIND:NAME@`. */
export function fileReference(kind: ServiceFileKind, file: KnownFile, name: string): object {
  const { uid = 0, gid = 0, mode = "0444" } = file;
  const [id, called] = kind === "secret" ? ["SecretID", "SecretName"] : ["ConfigID", "ConfigName"];
  return {
    File: { Name: targetOf(kind, file), UID: String(uid), GID: String(gid), Mode: Number.parseInt(mode, 8) },
    [id]: `@${kind}:${name}@`,
    [called]: name,
  };
}

/** A file as a line for the script: kind, name, and the body of the request that creates it; `-` if it exists already. */
export function fileLine(
  kind: ServiceFileKind,
  { content }: KnownFile,
  name: string,
  { serviceName, labels }: Holder,
): string {
  if (content === undefined) return `${kind} ${name} -`;
  const body = {
    Name: name,
    Labels: { ...labels, "dockernet.service": serviceName },
    Data: Buffer.from(content).toString("base64"),
  };
  return `${kind} ${name} ${JSON.stringify(body)}`;
}
