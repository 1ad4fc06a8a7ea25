import assert from "node:assert/strict";
import { join } from "node:path";
import * as fc from "fast-check";
import { interfaceName, objectName } from "../../components/lib/identity.ts";
import { keeper, SWEPT_KINDS, type SweptKind, type SweptObject, strays } from "../../lab/commands/sweep/ours.ts";
import { type Inventory, NOTHING, parseInventory } from "../../lab/commands/sweep/state.ts";
import { userKeyFile } from "../../stacks/unlabelled.ts";
import { PROJECT as CHECKOUT } from "../../toolchain/environment.ts";

const PROJECT = "dockernet";
const DOCKER: readonly SweptKind[] = ["container", "network", "volume"];
const SCRIPTED = SWEPT_KINDS.filter((kind) => !DOCKER.includes(kind));

const stack = fc.oneof(
  fc.constantFrom("practice", "sw", "sw1", "sw1-test1", "dockernet", "a.b_c"),
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
);

/** Strings that a careless comparison would confuse with this one. */
const near = (text: string) =>
  fc
    .oneof(
      fc.constantFrom(`${text}x`, `x${text}`, `${text}-1`, `${text} `, ` ${text}`, `${text}\n`, `${text}/`, `${text}.`),
      fc.constantFrom(text.slice(0, -1), text.slice(1), text.toUpperCase(), text.toLowerCase(), "", `${text}/${text}`),
      fc.string(),
    )
    .filter((other) => other !== text);

const nameOf = (kind: SweptKind, environment: string): fc.Arbitrary<string> => {
  const identity = { project: PROJECT, stack: environment };
  switch (kind) {
    case "namespace":
      return fc.constantFrom(objectName(identity, "test1"), objectName(identity, "test2"));
    case "interface":
      return fc.constantFrom(
        ...["veth-test1", "veth-test2"],
        ...["veth-outside", "vm-node1", "vm-node7"].map((base) => interfaceName(identity, base)),
      );
    case "cluster store":
    case "swarm node":
      return fc.constant("docker.service");
    case "key file":
      return fc.constant(join(CHECKOUT, userKeyFile(identity)));
    case "virtual machine":
      return fc.constantFrom(objectName(identity, "docker-node1"), objectName(identity, "docker-node7"));
    case "etcd member":
      return fc.constantFrom("docker-node1", "a", "node-7");
    default:
      return fc.oneof(fc.constant(objectName(identity, "web")), fc.string());
  }
};

const host = fc.constantFrom(undefined, "docker-node1");
const docker = (labels: fc.Arbitrary<Record<string, string>>, environment: string): fc.Arbitrary<SweptObject> =>
  fc
    .constantFrom(...DOCKER)
    .chain((kind) =>
      fc.record({ kind: fc.constant(kind), name: nameOf(kind, environment), id: fc.uuid(), host, labels }),
    );
const scripted = (
  mark: fc.Arbitrary<string | undefined>,
  name: (kind: SweptKind) => fc.Arbitrary<string>,
): fc.Arbitrary<SweptObject> =>
  fc
    .constantFrom(...SCRIPTED)
    .chain((kind) => fc.record({ kind: fc.constant(kind), name: name(kind), id: fc.uuid(), host, mark }))
    .map(({ mark: given, ...rest }) => ({ ...rest, ...(given !== undefined && { mark: given }) }));

const labels = (project: string, of: string) => ({ "dockernet.project": project, "dockernet.stack": of });

const ours = (environment: string) =>
  fc.oneof(
    docker(
      fc
        .constantFrom<Record<string, string>[]>({}, { "dockernet.lab": "bridge" }, { "dockernet.stack.": "x", "": "" })
        .map((more) => ({ ...more, ...labels(PROJECT, environment) })),
      environment,
    ),
    scripted(fc.constant(`${PROJECT}/${environment}`), (kind) => nameOf(kind, environment)),
  );

/** Any of these names may be a member's, so a look-alike has a name that no member can have. */
const notDerived = (kind: SweptKind, environment: string) =>
  kind.startsWith("etcd")
    ? fc.constantFrom("a b", "a.b", "-a", "", "a/b", "ä", "a\n")
    : nameOf(kind, environment)
        .chain(near)
        .filter((name) => !["veth-test1", "veth-test2"].includes(name));

const foreign = (environment: string) => {
  const mine = labels(PROJECT, environment);
  return fc.oneof(
    docker(
      near(PROJECT).map((project) => labels(project, environment)),
      environment,
    ),
    docker(
      near(environment).map((other) => labels(PROJECT, other)),
      environment,
    ),
    docker(
      fc.constantFrom<Record<string, string>[]>(
        {},
        { "dockernet.stack": environment },
        { "dockernet.project": PROJECT },
        { "dockernet.test": environment, "dockernet.project": PROJECT },
        { "Dockernet.Project": PROJECT, "Dockernet.Stack": environment },
        { labels: JSON.stringify(mine) },
      ),
      environment,
    ),
    scripted(near(`${PROJECT}/${environment}`), (kind) => nameOf(kind, environment)),
    scripted(fc.constantFrom(undefined, "-", environment, `-,${PROJECT}/${environment}`), (kind) =>
      nameOf(kind, environment),
    ),
    scripted(fc.constant(`${PROJECT}/${environment}`), (kind) => notDerived(kind, environment)),
  );
};

/** An environment, and objects in any order: whether each belongs to it, and whether its state knows it. */
const mixed = stack.chain((environment) => {
  const object = (mine: boolean) =>
    fc.record({
      mine: fc.constant(mine),
      known: fc.boolean(),
      found: mine ? ours(environment) : foreign(environment),
    });
  return fc.record({
    environment: fc.constant(environment),
    objects: fc.array(fc.oneof(object(true), object(false)), { maxLength: 12 }),
  });
});
const ids = (found: readonly SweptObject[]) => found.map(({ id }) => id).sort();

describe("orphans of lab sweep", () => {
  it("are all objects that belong to an environment and its state does not know, and no look-alikes", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(mixed, ({ environment, objects }) => {
        const isIn = ({ known, found }: (typeof objects)[number]) => known && DOCKER.includes(found.kind);
        const state: Inventory = { ...NOTHING, ids: new Set(objects.filter(isIn).map(({ found }) => found.id)) };
        const expected = objects.filter((each) => each.mine && !isIn(each)).map(({ found }) => found);
        const all = objects.map(({ found }) => found);
        assert.deepEqual(ids(strays(all, environment, state)), ids(expected));
      }),
      { numRuns: 300 },
    );
  });

  it("are sorted so that nothing is removed before its users", () => {
    const all = [...SWEPT_KINDS].reverse().flatMap((kind): SweptObject[] => {
      const [name = ""] = fc.sample(nameOf(kind, "sw1"), 1);
      const whose = DOCKER.includes(kind) ? { labels: labels(PROJECT, "sw1") } : { mark: `${PROJECT}/sw1` };
      return [{ kind, name, id: kind, host: undefined, ...whose }];
    });
    assert.deepEqual(
      strays(all, "sw1", NOTHING).map(({ kind }) => kind),
      [...SWEPT_KINDS],
    );
  });
});

describe("lab sweep reads from a state", () => {
  const urn = (types: string, name: string) => `urn:pulumi:sw1::dockernet::${types}::${name}`;
  const script = (component: string, where: "local" | "remote", name: string, outputs: object) => ({
    urn: urn(`dockernet:index:${component}$command:${where}:Command`, name),
    type: `command:${where}:Command`,
    id: name,
    outputs,
  });
  const id = "0123456789abcdef".repeat(4);
  const known = (...resources: object[]) => parseInventory("sw1", { deployment: { resources } });
  const thing = (kind: SweptKind, name: string, on?: string): SweptObject => ({
    kind,
    name,
    id: name,
    host: on,
    mark: `${PROJECT}/sw1`,
  });
  const left = (state: Inventory, ...found: SweptObject[]) =>
    strays(found, "sw1", state).map(({ name, host: on }) => `${name}@${on}`);
  const namespace = objectName({ project: PROJECT, stack: "sw1" }, "test1");

  it("the ids of Docker objects, including those that a script has created", () => {
    const state = known(
      { urn: urn("docker:index/volume:Volume", "hits"), type: "docker:index/volume:Volume", id: "hits" },
      script("LinkedContainer", "local", "test8", { stdout: id, triggers: [] }),
    );
    assert.deepEqual([...state.ids], ["hits", id]);
  });

  it("nothing that a component still outputs when its script is gone", () => {
    const type = "dockernet:index:LinkedContainer";
    assert.deepEqual([...known({ urn: urn(type, "test8"), type, outputs: { stdout: id } }).ids], []);
  });

  it("a namespace on its own host, and on no other", () => {
    const found = [thing("namespace", namespace), thing("namespace", namespace, "vm")];
    const triggers = [namespace, "dockernet/sw1"];
    assert.deepEqual(left(known(script("NetworkNamespace", "local", "test1", { triggers })), ...found), [
      `${namespace}@vm`,
    ]);
    assert.deepEqual(left(known(script("NetworkNamespace", "remote", "test1@vm", { triggers })), ...found), [
      `${namespace}@undefined`,
    ]);
    assert.equal(left(known(script("VethPair", "local", "test1", { triggers })), ...found).length, 2);
  });

  it("everything that a script may have created if its identity is secret", () => {
    const state = known(script("NetworkNamespace", "local", "test1", { triggers: { ciphertext: "v1:x" } }));
    assert.deepEqual(left(state, thing("namespace", namespace)), []);
  });

  it("members, stores and nodes of a swarm by host and name", () => {
    const found = [
      thing("swarm node", "docker.service", "vm"),
      thing("swarm node", "docker.service", "other"),
      thing("etcd member", "a", "vm"),
      thing("etcd member", "b", "vm"),
      thing("cluster store", "docker.service", "vm"),
    ];
    const state = known(
      script("EtcdMember", "remote", "etcd-a@vm", { triggers: ["10.0.0.1", "a", "token", "a=http://10.0.0.1:2380"] }),
      script("ClusterStoreEngine", "remote", "docker-node1@other", { triggers: ["token"] }),
      script("SwarmCluster", "remote", "swarm-vm@vm", { triggers: ["4789", "", "24"] }),
    );
    assert.deepEqual(left(state, ...found), ["docker.service@other", "docker.service@vm", "b@vm"]);
  });

  it("nothing in a new stack, and an error if it is not a state", () => {
    assert.equal(parseInventory("sw1", { version: 3, deployment: null }).ids.size, 0);
    assert.throws(
      () => parseInventory("sw1", { deployment: { resources: 1 } }),
      /state of environment sw1 is damaged.*lab recover sw1/,
    );
  });
});

describe("a network that cannot be removed", () => {
  const user = (name: string, of: Record<string, string> = {}) => ({ id: name, name, labels: of });
  const network = (...users: ReturnType<typeof user>[]): SweptObject => ({
    kind: "network",
    name: "n",
    id: "n",
    host: undefined,
    labels: labels(PROJECT, "sw1"),
    users,
  });
  const leaving: SweptObject = { kind: "container", name: "a", id: "a", host: undefined, labels: {} };

  it("has a container that is not removed before it, and its owner is named", () => {
    assert.equal(keeper(network(user("a")), [leaving]), undefined);
    assert.match(
      keeper(network(user("a"), user("b")), [leaving]) ?? "",
      /^the container b, which is not this project's, is on it/,
    );
    assert.match(keeper(network(user("b", labels(PROJECT, "other"))), []) ?? "", /of environment other/);
  });

  it("has one of the same id on another host, which is removed there", () => {
    assert.match(keeper(network(user("a")), [{ ...leaving, host: "vm" }]) ?? "", /the container a/);
  });
});
