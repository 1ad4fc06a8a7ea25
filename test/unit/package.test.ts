import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import { satisfies } from "semver";
import { componentsOf, type PublicApi, publicApi, typesOf } from "../../docs/api.ts";
import { NOT_OFFERED, schemaText } from "../../docs/providerSchema.ts";
import { referencePages } from "../../docs/referencePages.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { errorTail, run } from "../../toolchain/run.ts";
import { FORWARD } from "../examples.ts";
import { type Installed, installPackage } from "../package.ts";
import { errorTexts } from "../texts.ts";

/** A program's body: makes two components under Pulumi's mocks and prints what was registered. */
const BODY = `
const seen = [];
pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    seen.push([type, name, inputs.ipamConfigs?.[0].gateway ?? inputs.create ?? ""]);
    return { id: name, state: inputs };
  },
  call: () => ({}),
}).then(() => {
  new BridgeNetwork("net", { networkName: "my-net", subnet: "172.30.5.0/24" });
  new SshKey("key", {});
  setTimeout(() => console.log(JSON.stringify(seen)), 200);
});
`;
const MADE = [
  ["docker:index/network:Network", "net", "172.30.5.1"],
  ["dockernet:index:BridgeNetwork", "net", ""],
  ["dockernet:index:SshKey", "key", ""],
  ["command:local:Command", "key", "timeout -k 30 300 sh -s -- up"],
];

/** A strict program that uses arguments, outputs and types of the package. */
const TYPED = `
import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork, Container, type ContainerArgs, type Host, packagedImage, ServiceImage, VethPair } from "dockernet";

const network = new BridgeNetwork("net", { networkName: pulumi.output("my-net"), subnet: "172.30.5.0/24" });
const image = new ServiceImage("box", { source: packagedImage("box") });
const args: ContainerArgs = { containerName: "a", image: image.imageId, network: network.networkName };
export const address: pulumi.Output<string> = new Container("a", args, { dependsOn: network }).address;
const host: Host = { kind: "ssh", connection: { host: "10.0.0.1", hostKey: "ssh-ed25519 AAAA" } };
const end = (namespace: string, address: string) => ({ namespace, interface: "veth", address });
new VethPair("pair", { host, ends: [end("a", "10.0.0.1/30"), end("b", "10.0.0.2/30")] });
// @ts-expect-error: a network needs a subnet
new BridgeNetwork("wrong", { networkName: "net" });
`;
const STRICT = [
  "--noEmit",
  "--skipLibCheck",
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--target",
  "es2022",
];

/** Whether a file is a component's, or is in its folder. */
const isOf = (component: string, file: string): boolean => {
  const [found = ""] = globSync(`components/**/${component}.ts`, { cwd: PROJECT });
  return file === found || (dirname(found) !== "components" && dirname(file) === dirname(found));
};

describe("the npm package", function () {
  this.timeout(60_000);
  let scratch: string;
  let installed: Installed;
  let api: PublicApi;
  const manifest = JSON.parse(readFileSync(join(PROJECT, "components", "package.json"), "utf8"));
  const root = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
  const paths = () => installed.tarball.files.map(({ path }) => path);
  const write = (name: string, text: string) => {
    writeFileSync(join(installed.program, name), text);
    return name;
  };
  const node = (...args: string[]) => run(process.execPath, args, { cwd: installed.program });

  /** Compiles programs strictly; throws with the compiler's errors. */
  const compile = (options: readonly string[], ...programs: string[]) =>
    run("tsc", [...STRICT, "--types", "node", ...options, ...programs], { cwd: installed.program }).catch((error) => {
      throw new Error(errorTail(error));
    });

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "dockernet-package-"));
    installed = await installPackage(scratch);
    api = publicApi(installed.unpacked);
  });
  after(() => rmSync(scratch, { recursive: true }));

  it("has modules with declarations, maps and sources, and nothing that its components do not need", () => {
    const modules = paths().flatMap((path) => /^src\/(.*)\.ts$/.exec(path)?.[1] ?? []);
    assert.ok(modules.includes("index") && modules.length > 40, modules.join());
    const compiled = modules.flatMap((module) =>
      [".js", ".js.map", ".d.ts", ".d.ts.map"].map((kind) => `dist/${module}${kind}`),
    );
    const folders = new Set(modules.map(dirname));
    const scripts = [...folders].flatMap((folder) =>
      globSync("*.sh", { cwd: join(PROJECT, "components", folder) }).map((script) => join("dist", folder, script)),
    );
    const images = globSync("{box,node,web}/*", { cwd: join(PROJECT, "images") }).map((file) => `images/${file}`);
    const schema = join("dist", "provider", "schema.json");
    const pages = [schema, "CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const sources = modules.map((module) => `src/${module}.ts`);
    assert.deepEqual(paths().sort(), [...compiled, ...scripts, ...images, ...pages, ...sources].sort());
    assert.deepEqual(
      [...folders].filter((folder) => /address-reservation|engine-identity/.test(folder)),
      [],
    );
  });

  it("is smaller than 300 kB", () => {
    assert.ok(installed.tarball.size < 300_000, `${installed.tarball.size} bytes`);
  });

  it("has a public manifest, whose ranges include what this project runs with", () => {
    const packed = JSON.parse(readFileSync(join(installed.unpacked, "package.json"), "utf8"));
    assert.deepEqual({ ...packed, private: true }, manifest);
    assert.equal(packed.private, undefined);
    assert.equal(packed.version, root.version);
    const ranges: Record<string, string> = { ...packed.dependencies, ...packed.peerDependencies };
    for (const [name, range] of Object.entries(ranges)) assert.ok(satisfies(root.dependencies[name], range), name);
    assert.deepEqual(Object.keys(packed.dependencies), ["ip-address"]);
    assert.ok(!satisfies("4.5.0", ranges["@pulumi/command"] ?? ""), "4.5.0 is a mistaken release");
    for (const [version, allowed] of [
      ["20.18.3", false],
      ["20.19.0", true],
      ["22.11.0", false],
      ["24.0.0", true],
    ] as const)
      assert.equal(satisfies(version, packed.engines.node), allowed, version);
  });

  it("resolves every entry of its exports for import and require, and refuses other paths", async () => {
    const entries = Object.keys(manifest.exports).map((entry) => join("dockernet", entry));
    const find = `[${JSON.stringify(entries)}].flat().map((entry) => fileURLToPath(import.meta.resolve(entry)))`;
    const esm = `import { fileURLToPath } from "node:url"; console.log(JSON.stringify(${find}))`;
    const files = ["dist/index.js", "package.json"].map((file) => join(installed.unpacked, file));
    assert.deepEqual(JSON.parse(await node("--input-type=module", "--eval", esm)), files);
    const cjs = `console.log(JSON.stringify(${JSON.stringify(entries)}.map((entry) => require.resolve(entry))))`;
    assert.deepEqual(JSON.parse(await node("--input-type=commonjs", "--eval", cjs)), files);
    await assert.rejects(
      node("--eval", 'require.resolve("dockernet/dist/lib/cidr.js")'),
      /ERR_PACKAGE_PATH_NOT_EXPORTED/,
    );
  });

  it("satisfies publint", async () => {
    const { messages } = await publint({ pkgDir: installed.unpacked, pack: false, strict: true });
    assert.deepEqual(messages, []);
  });

  it("has maps that lead to its sources", () => {
    for (const map of globSync("dist/**/*.map", { cwd: installed.unpacked })) {
      const file = join(installed.unpacked, map);
      const [source] = JSON.parse(readFileSync(file, "utf8")).sources;
      assert.equal(join(dirname(file), source), file.replace("/dist/", "/src/").replace(/(\.js|\.d\.ts)\.map$/, ".ts"));
      assert.ok(existsSync(join(dirname(file), source)), map);
    }
  });

  it("finds its scripts, and the scripts that those include", async () => {
    const { readScript } = await import(pathToFileURL(join(installed.unpacked, "dist/host-script/scriptText.js")).href);
    for (const script of globSync("dist/**/*.sh", { cwd: installed.unpacked })) {
      assert.doesNotMatch(readScript(pathToFileURL(join(installed.unpacked, script))), /^\. \.{1,2}\//m, script);
    }
    for (const module of globSync("dist/**/*.js", { cwd: installed.unpacked })) {
      const text = readFileSync(join(installed.unpacked, module), "utf8").replaceAll(/^ \*.*/gm, ""); // without examples
      for (const [, name = ""] of text.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g))
        assert.ok(existsSync(join(installed.unpacked, dirname(module), name)), `${module}: ${name}`);
    }
  });

  it("has the build contexts that packagedImage names", async () => {
    const text =
      'import { packagedImage } from "dockernet"; console.log(JSON.stringify(["web", "box", "node"].map((each) => packagedImage(each))))';
    for (const { repository, context, base } of JSON.parse(await node("--input-type=module", "--eval", text))) {
      assert.equal(context, join(installed.unpacked, "images", repository.split("/")[1]));
      assert.ok(existsSync(join(context, "Dockerfile")), context);
      assert.match(base, /^debian:bookworm-slim@sha256:[0-9a-f]{64}$/);
    }
  });

  it("is imported by an ES module and required by a CommonJS program", async () => {
    const esm = write(
      "program.mjs",
      `import * as pulumi from "@pulumi/pulumi";\nimport { BridgeNetwork, SshKey } from "dockernet";\n${BODY}`,
    );
    const cjs = write(
      "program.cjs",
      `const pulumi = require("@pulumi/pulumi");\nconst { BridgeNetwork, SshKey } = require("dockernet");\n${BODY}`,
    );
    for (const printed of await Promise.all([node(esm), node(cjs)]))
      assert.deepEqual(JSON.parse(printed).sort(), [...MADE].sort());
  });

  it("is loaded by Pulumi's own TypeScript loader, as a CommonJS program", async () => {
    const program = `import * as pulumi from "@pulumi/pulumi";\nimport { BridgeNetwork, SshKey } from "dockernet";\n${BODY}`;
    write("loaded.ts", program.replace("const seen = []", "const seen: unknown[] = []"));
    // What cmd/run/run.js of the SDK does for a program without "type": "module".
    const loader = write(
      "loader.cjs",
      `const { typeScriptRequireStrings } = require("@pulumi/pulumi/tsutils");
      const { tsnodeRequire, typescriptRequire } = typeScriptRequireStrings();
      const compilerOptions = { target: "es2020", module: "commonjs", moduleResolution: "node", ignoreDeprecations: "6.0" };
      require(tsnodeRequire).register({ compiler: typescriptRequire, transpileOnly: true, skipProject: true, compilerOptions });
      require("./loaded.ts");`,
    );
    assert.deepEqual(JSON.parse(await node(loader)).sort(), [...MADE].sort());
  });

  for (const [title, file, options] of [
    ["an ES module, with nodenext", "typed.mts", ["--module", "nodenext"]],
    ["a CommonJS program, with nodenext", "typed.cts", ["--module", "nodenext"]],
    ["a bundler", "bundled.ts", ["--module", "esnext", "--moduleResolution", "bundler"]],
    [
      "Pulumi's older templates",
      "older.ts",
      ["--module", "commonjs", "--moduleResolution", "node10", "--ignoreDeprecations", "6.0", "--esModuleInterop"],
    ],
  ] as const) {
    it(`has types for ${title}`, async () => {
      await compile(options, write(file, TYPED));
    });
  }

  it("has an example of at most ten lines for each component, which compiles and runs", async () => {
    const examples = componentsOf(api).map(({ name, example }) => ({ name, lines: example.split("\n") }));
    assert.deepEqual(
      examples.filter(({ lines }) => lines.length < 2 || lines.length > 10).map(({ name }) => name),
      [],
    );
    for (const { name, lines } of examples) write(`${name}.mts`, `${lines.join("\n")}\nexport {};\n`);
    copyFileSync(FORWARD, join(installed.program, "forward.sh"));
    const files = examples.map(({ name }) => `${name}.mts`);
    await compile(["--module", "nodenext", "--allowImportingTsExtensions"], ...files);
    const runner = write(
      "examples.mjs",
      `import * as pulumi from "@pulumi/pulumi";
      const seen = new Set();
      const outputs = { imageId: "sha256:0", stdout: "<dockernet:1>\\netcd-0123456789ab\\n</dockernet:1>" };
      const newResource = ({ type, name, inputs }) => (seen.add(type), { id: name, state: { ...inputs, ...outputs } });
      await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
      for (const file of ${JSON.stringify(files.map((file) => `./${file}`))}) await import(file);
      setTimeout(() => console.log(JSON.stringify([...seen])), 500);`,
    );
    const seen: string[] = JSON.parse(await node(runner));
    const components = examples.map(({ name }) => name).filter((name) => name !== "HostScript");
    assert.deepEqual(
      components.filter((name) => !seen.includes(`dockernet:index:${name}`)),
      [],
    );
  });

  it("has declarations without errors, for programs that check those of libraries", () => {
    assert.deepEqual(api.errors, []);
  });

  it("exports every type that a public declaration names", () => {
    assert.deepEqual(api.missing, []);
  });

  it("has the reference in docs/reference/, and nothing else is there", () => {
    const folder = join(PROJECT, "docs", "reference");
    const pages = referencePages(api);
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(pages).sort());
    for (const [file, text] of Object.entries(pages)) {
      const written = readFileSync(join(folder, file), "utf8");
      assert.equal(written, text, `the package has changed; npm run reference writes docs/reference/${file}`);
    }
  });

  it("has every error of a component's file and scripts on the page of one", () => {
    const texts = errorTexts().filter(({ file }) => componentsOf(api).some(({ name }) => isOf(name, file)));
    assert.ok(texts.length > 50, String(texts.length));
    const pages = Object.values(referencePages(api)).join("\n").replaceAll("\\|", "|");
    assert.deepEqual(
      texts.filter(({ text }) => !pages.includes(`| \`${text}\` |`)),
      [],
    );
  });

  it("has the schema of the provider for other languages", () => {
    const written = readFileSync(join(PROJECT, "components", "provider", "schema.json"), "utf8");
    const why = "the package has changed; npm run reference writes components/provider/schema.json";
    assert.equal(written, schemaText(api, manifest), why);
    assert.equal(readFileSync(join(installed.unpacked, "dist", "provider", "schema.json"), "utf8"), written);
  });

  it("offers every component to other languages, with all arguments, outputs, comments and defaults", () => {
    const { resources, types } = JSON.parse(
      readFileSync(join(PROJECT, "components", "provider", "schema.json"), "utf8"),
    );
    const squeezed = (text: string) => text.replaceAll(/\s+/g, " ");
    const offered = componentsOf(api).filter(({ name }) => !NOT_OFFERED.includes(name));
    assert.deepEqual(
      Object.keys(resources),
      offered.map(({ name }) => `dockernet:index:${name}`),
    );
    for (const { name, text, argsType, members } of offered) {
      const { description, inputProperties, requiredInputs, properties } = resources[`dockernet:index:${name}`];
      assert.equal(description, text);
      const args = typesOf(api).find((type) => type.name === argsType)?.members ?? [];
      assert.deepEqual(Object.keys(inputProperties).sort(), args.map((each) => each.name).sort());
      assert.deepEqual(
        [...requiredInputs].sort(),
        args
          .filter(({ byDefault }) => byDefault === undefined)
          .map((each) => each.name)
          .sort(),
      );
      for (const { name: argument, meaning, byDefault } of args) {
        const said = squeezed(inputProperties[argument].description);
        assert.ok(said.startsWith(squeezed(meaning)), `${name}.${argument}`);
        if (byDefault) assert.ok(said.endsWith(`Default: ${squeezed(byDefault.replace(/^- /, ""))}.`), said);
      }
      assert.deepEqual(
        Object.entries<{ description: string }>(properties).map(([output, property]) => [output, property.description]),
        members.map((each) => [each.name, each.meaning]),
      );
    }
    const used = JSON.stringify({ resources, types }).matchAll(/"#\/(types|resources)\/([^"]+)"/g);
    for (const [, kind, token = ""] of used) assert.ok(token in (kind === "types" ? types : resources), token);
  });

  it("has a meaning for everything public, and a default or the lack of one for each optional argument", () => {
    const items = [...componentsOf(api), ...typesOf(api)];
    const members = items.flatMap(({ name, members }) => members.map((each) => ({ ...each, of: name })));
    assert.ok(members.length > 100, String(members.length));
    assert.deepEqual(
      members.filter(({ meaning }) => meaning === "").map((each) => `${each.of}.${each.name}`),
      [],
    );
  });

  it("has at most three required arguments for a component, apart from those that say what it connects", () => {
    const types = typesOf(api);
    const required = componentsOf(api).map(({ name, argsType }) => {
      const args = types.find((type) => type.name === argsType)?.members ?? [];
      return [name, args.filter(({ byDefault }) => byDefault === undefined).map((each) => each.name)] as const;
    });
    assert.deepEqual(Object.fromEntries(required.filter(([, args]) => args.length > 3)), {
      ClusterStoreEngine: ["host", "endpoint", "clusterToken", "address"],
      LinkedContainer: ["containerName", "image", "target", "alias"],
      OutsideHost: ["containerName", "image", "interface", "subnet"],
      OverlayNetwork: ["networkName", "subnet", "engines", "clusterToken"],
      PracticeNode: ["containerName", "image", "network", "address", "userKey"],
      SwarmService: ["serviceName", "manager", "clusterId", "image"],
    });
  });
});
