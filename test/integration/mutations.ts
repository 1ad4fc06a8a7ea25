import assert from "node:assert/strict";
import { run } from "../../toolchain/run.ts";
import type { Environment } from "./environment.ts";

/** One way to break an environment, how to undo it, and exactly the checks that must fail. */
export interface Mutation {
  readonly what: string;
  readonly fails: readonly string[];
  readonly apply: () => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
}

/** Enters the network namespace of the outside host, from inside its container. */
const OUTSIDE = ["sh", "-c", 'exec nsenter --net="/proc/$(pidof -s socat)/ns/net" "$0" "$@"'];

/**
 * The ways in which an environment with all single-host labs is broken. They look up the environment when they are
 * applied, so that they can be listed before it exists.
 */
export function mutationsOf(lab: () => Environment): readonly Mutation[] {
  const named = (base: string) => `dockernet-${lab().name}-${base}`;
  const docker = (...args: string[]) => run("docker", args);
  const ip = (...args: string[]) => run("ip", args);
  const inspect = (base: string, format: string) => docker("inspect", "--format", format, named(base));
  const addressOf = (base: string) => inspect(base, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
  const all = async (bases: readonly string[], act: (base: string) => Promise<unknown>) => {
    for (const base of bases) await act(base);
  };

  /** Runs a command as root in a container's network namespace, with privileges that the container does not have. */
  const inside = async (base: string, ...command: string[]) =>
    run("nsenter", ["--net", "--target", await inspect(base, "{{.State.Pid}}"), ...command]);
  /** Removes the host's ends of containers' veth pairs from their bridges; undo adds them again. */
  const unplugged = (...bases: readonly string[]) => {
    const bridges = new Map<string, string>();
    return {
      apply: () =>
        all(bases, async (base) => {
          const { ifname, master } = await hostEnd(base);
          bridges.set(ifname, master);
          await ip("link", "set", "dev", ifname, "nomaster");
        }),
      undo: () => all([...bridges.keys()], (port) => ip("link", "set", "dev", port, "master", bridges.get(port) ?? "")),
    };
  };
  const hostEnd = async (base: string) => {
    const index = Number(await docker("exec", named(base), "cat", "/sys/class/net/eth0/iflink"));
    const links = JSON.parse(await ip("-j", "link", "show")) as { ifindex: number; ifname: string; master: string }[];
    return links.find(({ ifindex }) => ifindex === index) ?? assert.fail(`${base} has no cable`);
  };
  /** A firewall rule, removed again afterwards; as narrow as the mutation allows. */
  const rule = (make: () => Promise<readonly [chain: string, ...rule: string[]]>) => {
    let made: readonly [string, ...string[]];
    return {
      apply: async () => {
        made = await make();
        const [chain, ...rest] = made;
        await run("iptables", ["--wait", "--insert", chain, ...rest]);
      },
      undo: () => run("iptables", ["--wait", "--delete", ...made]),
    };
  };
  /** A second network for some containers. */
  const alsoOn = (...bases: readonly string[]) => ({
    apply: async () => {
      await docker("network", "create", named("scratch"));
      await all(bases, (base) => docker("network", "connect", named("scratch"), named(base)));
    },
    undo: async () => {
      await all(bases, (base) => docker("network", "disconnect", named("scratch"), named(base)));
      await docker("network", "rm", named("scratch"));
    },
  });
  /** Containers on a scratch network instead of their own. A restart gives the interface its old name. */
  const moved = (...pairs: readonly (readonly [network: string, base: string])[]) => {
    const move = async (base: string, from: string, to: string) => {
      await docker("network", "disconnect", named(from), named(base));
      await docker("network", "connect", named(to), named(base));
      await docker("restart", named(base));
    };
    return {
      apply: async () => {
        await docker("network", "create", named("scratch"));
        for (const [network, base] of pairs) await move(base, network, "scratch");
      },
      undo: async () => {
        for (const [network, base] of pairs) await move(base, "scratch", network);
        await docker("network", "rm", named("scratch"));
      },
    };
  };
  /** A container that loses the name by which others on its network resolve it. */
  const nameless = (network: string, base: string) => {
    const again = (alias: string[]) => async () => {
      const address = await addressOf(base);
      await docker("network", "disconnect", named(network), named(base));
      await docker("network", "connect", "--ip", address, ...alias, named(network), named(base));
      await docker("restart", named(base));
    };
    return { apply: again([]), undo: again(["--alias", base]) };
  };
  /** An entry in a container's /etc/hosts, which a restart rewrites. */
  const hostsFile = (base: string, script: string) => ({
    apply: () => docker("exec", named(base), "sh", "-c", script),
    undo: () => docker("restart", named(base)),
  });
  /** Replaces a lab's container with another one of its name; undo lets Pulumi recreate it. */
  const instead = (base: string, options: () => readonly string[], command: readonly string[] = []) => ({
    apply: async () => {
      const image = await inspect(base, "{{.Image}}");
      await docker("rm", "--force", named(base));
      await docker("run", "--detach", "--name", named(base), ...options(), image, ...command);
    },
    undo: async () => {
      await docker("rm", "--force", named(base));
      await lab().stack.up({ refresh: true });
    },
  });

  const REACH = ["4.3-ping", "4.3-nat"];
  return [
    {
      what: "the loopback of a namespace is set down",
      apply: () => ip("-n", named("test1"), "link", "set", "lo", "down"),
      undo: () => ip("-n", named("test1"), "link", "set", "lo", "up"),
      fails: ["3.2-loopback-1"],
    },
    {
      what: "the loopback of the other namespace has a second address",
      apply: () => ip("-n", named("test2"), "address", "add", "127.0.0.9/8", "dev", "lo"),
      undo: () => ip("-n", named("test2"), "address", "del", "127.0.0.9/8", "dev", "lo"),
      fails: ["3.2-loopback-2"],
    },
    {
      what: "an end of the veth pair is set down, and the host has interfaces of these names",
      apply: async () => {
        await ip("link", "add", "veth-test1", "type", "veth", "peer", "name", "veth-test2");
        await ip("-n", named("test2"), "link", "set", "veth-test2", "down");
      },
      undo: async () => {
        await ip("link", "delete", "veth-test1");
        await ip("-n", named("test2"), "link", "set", "veth-test2", "up");
      },
      fails: ["3.3-end-1", "3.3-end-2", "3.4-moved-1", "3.4-moved-2", "3.5-ping-1", "3.5-ping-2"],
    },
    {
      what: "the outside host is stopped",
      apply: () => docker("stop", named("outside")),
      undo: () => docker("start", named("outside")),
      fails: [
        ...["2.2-reach", "2.2-service", "2.2-no-service"],
        ...["test5", "peer5"].flatMap((base) => REACH.map((id) => `${id}-${base}`)),
      ],
    },
    {
      what: "a process listens on the closed port of the outside host",
      apply: () => docker("exec", "--detach", named("outside"), ...OUTSIDE, "listen.sh", "8081"),
      undo: () => docker("restart", named("outside")),
      fails: ["2.2-no-service"],
    },
    {
      what: "packets to the outside keep their private source address",
      ...rule(async () => ["POSTROUTING", "-t", "nat", "-s", await addressOf("test5"), "-p", "tcp", "-j", "RETURN"]),
      fails: ["4.3-nat-test5"],
    },
    {
      what: "one bridge lets the other's containers in",
      ...rule(async () => {
        const format = "{{range .IPAM.Config}}{{.Subnet}}{{end}}";
        const subnet = await docker("network", "inspect", "--format", format, named("bridge-net"));
        // Requests and replies: all packets of connections to that address.
        return ["DOCKER-USER", "-p", "icmp", "-m", "conntrack", "--ctorigdst", subnet, "-j", "ACCEPT"];
      }),
      fails: ["4.2-apart"],
    },
    {
      what: "containers have an additional interface",
      apply: () =>
        all(["test5", "test6", "peer5", "peer6"], (base) => inside(base, "ip", "link", "add", "x", "type", "veth")),
      undo: () => all(["test5", "test6", "peer5", "peer6"], (base) => inside(base, "ip", "link", "delete", "x")),
      fails: ["test5", "test6", "peer5", "peer6"].map((base) => `3.1-interfaces-${base}`),
    },
    {
      what: "containers of the default bridge are on a second network, which has a name server",
      ...alsoOn("test5", "test6"),
      fails: [
        "4.2-no-name",
        ...["test5", "test6"].flatMap((base) => [`3.1-interfaces-${base}`, `4.1-attached-${base}`]),
      ],
    },
    {
      what: "containers of the user-defined bridge are on a second network",
      ...alsoOn("peer5", "peer6"),
      fails: ["peer5", "peer6"].flatMap((base) => [`3.1-interfaces-${base}`, `4.1-attached-${base}`]),
    },
    {
      what: "veth ends of containers are removed from docker0",
      ...unplugged("test5", "test6", "test7"),
      fails: [
        ...["4.2-port-test5", "4.2-port-test6", "4.2-reach", "4.3-ping-test5", "4.3-nat-test5"],
        ...["5.1-ping", "5.2-ping", "5.3-service"],
      ],
    },
    {
      what: "veth ends of containers are removed from user-defined bridges",
      ...unplugged("peer5", "peer6", "web-unpublished", "redis"),
      fails: [
        ...["4.2-port-peer5", "4.2-port-peer6", "4.3-ping-peer5", "4.3-nat-peer5", "6.1-ping", "6.1-http"],
        ...["8.1-tcp", "8.2-greeting", "8.3-ping", "8.3-http", "8.4-counts"],
      ],
    },
    {
      what: "containers resolve names that docker0 does not provide",
      apply: async () => {
        await docker("exec", named("test5"), "sh", "-c", "echo 192.0.2.6 test6 >>/etc/hosts");
        await docker("exec", named("test7"), "sh", "-c", "echo 192.0.2.8 test8 >>/etc/hosts");
      },
      undo: () => all(["test5", "test7"], (base) => docker("restart", named(base))),
      fails: ["4.2-no-name", "5.2-no-name"],
    },
    {
      what: "a link is cut",
      ...hostsFile("test8", "sed /test7/d /etc/hosts >/tmp/hosts && cat /tmp/hosts >/etc/hosts"),
      fails: ["5.1-name", "5.3-service"],
    },
    {
      what: "containers are moved from their network to another one",
      ...moved(["bridge-net", "peer6"], ["links-net", "peer7"]),
      fails: [
        ...["4.1-attached-peer6", "4.2-port-peer6", "4.2-name"],
        ...["5.1-network-name", "5.2-network-name", "5.3-network-service"],
      ],
    },
    {
      what: "redis is on its network without its name",
      ...nameless("counter-net", "redis"),
      fails: ["8.2-greeting", "8.3-dns", "8.3-http", "8.4-counts"],
    },
    {
      what: "containers have the host's network namespace",
      apply: async () => {
        await instead("test5", () => ["--network", "host"]).apply();
        await instead("test6", () => ["--network", "host"]).apply();
        await instead("test10", () => ["--network", "host"]).apply();
      },
      undo: async () => {
        await docker("rm", "--force", named("test5"), named("test6"));
        await instead("test10", () => []).undo();
      },
      fails: [
        ...["1.1-bridge", "2.1-private-test5", "4.2-reach", "4.2-apart"],
        ...["test5", "test6"].flatMap((base) => [`3.1-stack-${base}`, `3.1-interfaces-${base}`]),
        ...["test5", "test6"].flatMap((base) => [`4.1-attached-${base}`, `4.2-port-${base}`]),
        ...["1.1-none", "7.1-attached", "7.1-interfaces", "7.1-stack", "7.1-silence"],
      ],
    },
    {
      what: "a container has a public address",
      apply: async () => {
        await docker("network", "create", "--subnet", "203.0.113.0/24", named("public"));
        await instead("peer5", () => ["--network", named("public"), "--network-alias", "peer5"]).apply();
      },
      undo: async () => {
        await instead("peer5", () => []).undo();
        await docker("network", "rm", named("public"));
      },
      fails: ["2.1-private-peer5", "4.1-attached-peer5", "4.2-port-peer5", "4.2-name"],
    },
    {
      what: "containers that should be isolated, or the host's, are on a bridge and published",
      apply: async () => {
        await instead("test10", () => ["--publish", "127.0.0.1::80"]).apply();
        await instead("test11", () => ["--publish", "127.0.0.1::80"]).apply();
      },
      undo: async () => {
        await docker("rm", "--force", named("test10"));
        await instead("test11", () => []).undo();
      },
      fails: [
        ...["1.1-none", "7.1-attached", "7.1-interfaces", "7.1-silence", "7.1-unpublished"],
        ...["1.1-host", "7.2-attached", "7.2-stack", "7.2-interfaces", "7.2-published", "7.2-socket"],
      ],
    },
    {
      what: "a back end is published and a front end is not",
      apply: async () => {
        const network = (base: string, alias: string) => ["--network", named(base), "--network-alias", alias];
        await instead("redis", () => ["--publish", "127.0.0.1::6379", ...network("counter-net", "redis")], [
          "redis-server",
          ...["--bind", "*", "--protected-mode", "no"],
        ]).apply();
        await instead("web-unpublished", () => ["--publish", "127.0.0.1::80", ...network("ports-net", "x")]).apply();
        await instead("web", () => network("ports-net", "web")).apply();
        const options = () => ["--env", "REDIS_HOST=redis.", ...network("counter-net", "web")];
        await instead("flask-redis", options).apply();
      },
      undo: async () => {
        await docker("rm", "--force", ...["redis", "web-unpublished", "web"].map(named));
        await instead("flask-redis", () => []).undo();
      },
      fails: [
        ...["6.1-unpublished", "6.2-published", "6.2-http", "8.1-unpublished", "8.3-env", "8.4-published"],
        "8.4-counts",
      ],
    },
  ];
}
