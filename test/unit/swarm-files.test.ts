import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { filesProblem, type KnownFile, nameInSwarm } from "../../components/lib/serviceFiles.ts";
import { SwarmService, type SwarmServiceArgs } from "../../components/swarm-service/SwarmService.ts";
import { inputsOf, type Registered, recordResources, refusalOf, resolved, settled, textOf } from "./mocks.ts";

const REMOTE = "command:remote:Command";
const PASSWORD = "correct horse";

describe("secrets and configs of SwarmService", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });
  const service = (args: Partial<SwarmServiceArgs>) =>
    new SwarmService("web", {
      serviceName: "web",
      manager: { kind: "ssh", connection: { host: "10.0.0.11", hostKey: "ssh-ed25519 AAAA" } },
      clusterId: "c1",
      image: "sha256:0",
      ...args,
    });
  /** What the script gets: the service's specification, and a line for each file. */
  const sent = async (args: Partial<SwarmServiceArgs>) => {
    const made = service(args);
    await settled(seen);
    const { stdin } = inputsOf(seen, REMOTE, "web");
    const value = (name: string) => new RegExp(`^${name}='([^']*)'$`, "m").exec(textOf(stdin))?.[1] ?? "";
    const files = value("FILES").split("\n");
    return { made, stdin, files, container: JSON.parse(value("SPEC")).TaskTemplate.ContainerSpec };
  };
  const known = (content: string, more: Partial<KnownFile> = {}): KnownFile => ({ name: "password", content, ...more });
  const holder = { serviceName: "web", clusterId: "c1", labels: {} };

  it("are encrypted in the state with all of the script, and the service's id is not", async () => {
    const { made, stdin } = await sent({ secrets: [{ name: "password", content: PASSWORD }] });
    assert.equal(typeof stdin, "object", "a text with a content is secret");
    assert.equal(await pulumi.isSecret(made.serviceId), false);
    assert.equal(await resolved(made.serviceName), "web");
    for (const { inputs } of seen.filter(({ name }) => name !== "web")) {
      assert.doesNotMatch(JSON.stringify(inputs), /correct horse/);
    }
  });

  it("are created under a name with a hash of their content, and referred to by it", async () => {
    const { files, container } = await sent({
      secrets: [{ name: "password", content: PASSWORD, mode: "0400", uid: 65534 }],
      configs: [{ name: "site.conf", content: pulumi.output("listen 80;\n"), target: "/etc/site.conf", gid: 33 }],
      labels: { a: "b" },
    });
    const [secret, config] = files.map((line) => line.split(" "));
    assert.match(secret?.[1] ?? "", /^web\.password\.[0-9a-f]{12}$/);
    assert.equal(secret?.[1], nameInSwarm("secret", known(PASSWORD), holder));
    assert.deepEqual(JSON.parse(secret?.[2] ?? ""), {
      Name: secret?.[1],
      Labels: {
        a: "b",
        "dockernet.project": "dockernet",
        "dockernet.stack": "practice",
        "dockernet.service": "web",
      },
      Data: Buffer.from(PASSWORD).toString("base64"),
    });
    assert.deepEqual(container.Secrets, [
      {
        File: { Name: "password", UID: "65534", GID: "0", Mode: 0o400 },
        SecretID: `@secret:${secret?.[1]}@`,
        SecretName: secret?.[1],
      },
    ]);
    assert.deepEqual(container.Configs, [
      {
        File: { Name: "/etc/site.conf", UID: "0", GID: "33", Mode: 0o444 },
        ConfigID: `@config:${config?.[1]}@`,
        ConfigName: config?.[1],
      },
    ]);
  });

  it("are not created if the swarm has them already", async () => {
    const { files, container } = await sent({ secrets: [{ name: "key", existing: pulumi.output("by-hand") }] });
    assert.deepEqual(files, ["secret by-hand -"]);
    assert.equal(container.Secrets[0].SecretName, "by-hand");
    assert.equal(container.Secrets[0].File.Name, "key");
  });

  it("have another name for another content, swarm or service, and one that the engine takes", () => {
    const name = (content: string, other = {}) => nameInSwarm("secret", known(content), { ...holder, ...other });
    const names = [name("a"), name("b"), name("a", { clusterId: "c2" }), nameInSwarm("config", known("a"), holder)];
    assert.equal(new Set(names).size, names.length);
    assert.equal(name("a"), name("a"));
    assert.match(name("a", { serviceName: "s".repeat(63) }), /^s{51}\.[0-9a-f]{12}$/);
  });

  it("do not make a service without them secret, nor change its specification", async () => {
    const { stdin, container, files } = await sent({});
    assert.equal(typeof stdin, "string");
    assert.deepEqual(files, [""]);
    assert.deepEqual([container.Secrets, container.Configs], [undefined, undefined]);
  });

  for (const [what, file, message] of [
    ["a name with a slash", { name: "a/b", content: "x" }, /secret a\/b: expected a name of 1 to 64 letters/],
    ["neither content nor another one", { name: "a" }, /secret a: expected either content or existing/],
    ["both", { name: "a", content: "x", existing: "b" }, /expected either content or existing/],
    ["an empty content", { name: "a", content: "" }, /expected 1 to 511999 bytes, got 0/],
    ["one that is too large", { name: "a", content: "ä".repeat(256_000) }, /expected 1 to 511999 bytes, got 512000/],
    ["wrong permissions", { name: "a", content: "x", mode: "rw" }, /expected permissions such as 0440, got "rw"/],
    ["a user by name", { name: "a", content: "x", uid: -1 }, /expected the id of a user or a group, got -1/],
    ["a folder", { name: "a", content: "x", target: "/etc/" }, /expected the path of a file .*, got "\/etc\/"/],
  ] as const) {
    it(`are refused with ${what}`, () => {
      assert.match(
        refusalOf(seen, () => service({ secrets: [file] })),
        message,
      );
    });
  }

  it("are refused if two have one name or one path, and a config without a whole path", () => {
    const two = [known("x"), known("y", { name: "other", target: "password" })];
    assert.match(filesProblem("secret", two) ?? "", /two secrets of a service cannot both be password/);
    assert.match(filesProblem("secret", [known("x"), known("x")]) ?? "", /cannot both be password/);
    assert.match(filesProblem("config", [known("x", { target: "etc/a" })]) ?? "", /config password: .*got "etc\/a"/);
    assert.equal(filesProblem("config", [known("x".repeat(600_000))]), undefined);
    assert.equal(filesProblem("secret", [known("x", { target: "/etc/a" })]), undefined);
  });

  it("never show a content in an error", () => {
    const problem = filesProblem("secret", [known(PASSWORD, { mode: "?", existing: "b" })]) ?? "";
    assert.doesNotMatch(problem, /correct|horse/);
  });
});
