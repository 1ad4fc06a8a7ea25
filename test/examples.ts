import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultPort, defaultSubnet, type Identity, interfaceName } from "../components/lib/identity.ts";
import { componentsOf, publicApi } from "../docs/api.ts";
import { imageSource, type ServiceName } from "../stacks/images.ts";
import { imageOrigin } from "../toolchain/baseImage.ts";
import { PROJECT } from "../toolchain/environment.ts";

/** Components whose examples need another host. The tests in test/e2e create them on practice nodes. */
const ELSEWHERE = [
  "ClusterStoreEngine",
  "EtcdCluster",
  "ImageCopy",
  "OverlayNetwork",
  "RemoteEngine",
  "SwarmCluster",
  "SwarmNetwork",
  "SwarmService",
];
/** Names of objects on the engine and of namespaces. */
const NAMES = /"(my-net|my-web|many|hits|hits-redis|hits-web|lan|server|client|outside|node1|test1|test2)"/g;
const BLOCKS = ["172.30.5.", "172.30.6.", "172.30.7.", "192.168.174.", "192.168.1.", "10.201.7."];
const PORTS = ["port: 8080", "port: 5000"];
/** What the example of HostScript runs. */
export const FORWARD = join(PROJECT, "test", "integration", "forward.sh");

/** The source of an image on this machine, for a program in any folder. */
export async function sourceHere(service: ServiceName) {
  const source = imageSource(service, await imageOrigin());
  return "context" in source ? { ...source, context: join(PROJECT, source.context) } : source;
}

/** What a program made of examples publishes and expects. */
export interface ExampleProgram {
  readonly components: readonly string[];
  /** Names of the interfaces on the host: one that it makes, and one that must exist. */
  readonly made: string;
  readonly parent: string;
  readonly web: number;
  readonly hits: number;
}

/**
 * Writes the examples of an installed package as one program, each a module of its own. Only what would collide on a
 * machine is another in each: names, blocks, ports and interfaces; images are those of this machine.
 */
export async function writeExamples(folder: string, unpacked: string, identity: Identity): Promise<ExampleProgram> {
  const [made, parent] = [interfaceName(identity, "veth-outside"), interfaceName(identity, "parent")];
  const [nginx, redis, node] = await Promise.all((["nginx", "redis", "node"] as const).map(sourceHere));
  const base = node && "base" in node ? node.base : assert.fail("the image of a practice node is built");
  const [web, hits] = PORTS.map((_, index) => defaultPort(identity, index)) as [number, number];
  const others = [
    ...BLOCKS.map((block, index) => [block, defaultSubnet(identity, index + 1).replace(/0\/24$/, "")] as const),
    ["port: 8080", `port: ${web}`],
    ["port: 5000", `port: ${hits}`],
    ['"veth-outside"', `"${made}"`],
    ['"eth0"', `"${parent}"`],
    ["length: 40", "length: 3"],
    ['{ reference: "nginx:1.28-alpine" }', JSON.stringify(nginx)],
    ['{ reference: "redis:7.2-alpine" }', JSON.stringify(redis)],
    ...["box", "web", "node"].map((image) => [`packagedImage("${image}")`, `packagedImage("${image}", "${base}")`]),
  ] as const;

  const examples = componentsOf(publicApi(unpacked)).filter(({ name }) => !ELSEWHERE.includes(name));
  const all = examples.map(({ example }) => example).join("\n");
  for (const [from = ""] of others) assert.ok(all.includes(from), `no example has ${from}`);
  mkdirSync(folder);
  for (const [index, { name, example }] of examples.entries()) {
    const replaced = others.reduce((text, [from = "", to = ""]) => text.replaceAll(from, to), example);
    const text = replaced
      .replaceAll(NAMES, `"${identity.stack}-${index}-$1"`)
      .replaceAll(".keys/", `.keys/${name}-`)
      .replaceAll(/new (?!URL)(\w+)\("/g, `new $1("${name}-`); // one name for two resources is refused
    writeFileSync(join(folder, `${name}.ts`), `${text}\nexport {};\n`);
  }
  copyFileSync(FORWARD, join(folder, "forward.sh"));
  const components = examples.map(({ name }) => name);
  writeFileSync(
    join(folder, "index.ts"),
    components.map((name) => `import ${JSON.stringify(`./${name}.ts`)};\n`).join(""),
  );
  return { components, made, parent, web, hits };
}
