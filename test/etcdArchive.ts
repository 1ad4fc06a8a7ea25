import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { build, type GoProgram, goFolder } from "../toolchain/build.ts";
import { run } from "../toolchain/run.ts";

/** An archive like those of etcd's releases. */
export interface PackedEtcd {
  readonly file: string;
  readonly version: string;
  readonly sha256: { readonly [arch in "amd64" | "arm64"]?: string };
}

/** The minor versions of etcd whose latest releases the Go module proxy serves, each pinned by the go.mod of a folder. */
export type Minor = "3.5" | "3.6";

const PACKAGES = {
  etcd: "go.etcd.io/etcd/server/v3",
  etcdctl: "go.etcd.io/etcd/etcdctl/v3",
  etcdutl: "go.etcd.io/etcd/etcdutl/v3",
};

const programs = (minor: Minor): GoProgram[] =>
  Object.entries(PACKAGES).map(([binary, path]) => ({
    name: `${binary}-${minor}`,
    folder: `test/etcd/v${minor}`,
    package: path,
    binary,
  }));

/** Packs the archive of a minor version's release, built from source unless the cache has it. */
export async function packEtcd(minor: Minor, folder: string): Promise<PackedEtcd> {
  const all = programs(minor);
  const [first] = all as [GoProgram];
  const [, version = ""] =
    /^\s*go\.etcd\.io\/etcd\/server\/v3 v([\d.]+)/m.exec(readFileSync(join(goFolder(first), "go.mod"), "utf8")) ?? [];
  const arch = process.arch === "arm64" ? ("arm64" as const) : ("amd64" as const);
  const name = `etcd-v${version}-linux-${arch}`;
  mkdirSync(join(folder, name));
  for (const each of all) cpSync(await build(each), join(folder, name, each.binary));
  const file = join(folder, `${name}.tar.gz`);
  await run("tar", ["--create", "--gzip", "--file", file, "--directory", folder, name]);
  return { file, version, sha256: { [arch]: createHash("sha256").update(readFileSync(file)).digest("hex") } };
}

/** Serves archives at an address by their file names. */
export async function serveArchives(archives: readonly PackedEtcd[], address: string) {
  const server = createServer(({ url = "" }, response) => {
    const found = archives.find(({ file }) => file.endsWith(url));
    if (found) response.end(readFileSync(found.file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as { port: number };
  const sourceOf = ({ version, sha256 }: PackedEtcd) =>
    ({
      kind: "archive",
      version,
      sha256,
      url: `http://${address}:${port}/etcd-v${version}-linux-{arch}.tar.gz`,
    }) as const;
  return { sourceOf, close: () => server.close() };
}
