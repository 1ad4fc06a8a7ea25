import assert from "node:assert/strict";
import { dropping, foreignRules } from "../../lab/host/firewall/foreignRules.ts";
import { isolation, isolationOf, lostBy, lostInWords, masquerade, publishing } from "../../lab/host/firewall/needed.ts";
import { between, mayHold, waysIn } from "../../lab/host/firewall/ways.ts";
import { bridgeNetwork, ENGINES, firewall, firewallIn, NETWORKS, recorded } from "../firewall.ts";

const PACKETS = between(["10.1.0.2", "10.2.0.2"], ["br-1", "br-2"]);
const HEAD = ["*filter", ":FORWARD DROP [0:0]", ":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER"];
const title = (...lines: string[]) => foreignRules(firewall(...lines), PACKETS).map((each) => each.title);
/** Rules of an nftables table that is not the engine's, as JSON. */
const native = (policy: string, ...rules: readonly unknown[][]) => {
  const [family, table, name] = ["inet", "mine", "forward"];
  const chain = { chain: { family, table, name, hook: "forward", policy } };
  const listed = rules.map((expr, index) => ({ rule: { family, table, chain: name, handle: index + 1, expr } }));
  return `rules.nftables ${JSON.stringify({ nftables: [chain, ...listed] })}`;
};
const from = (address: string) => ({
  match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right: address },
});
const state = (...states: string[]) => ({ match: { op: "in", left: { ct: { key: "state" } }, right: states } });

describe("the firewall of an engine", () => {
  for (const engine of ENGINES) {
    describe(engine, () => {
      const found = firewallIn(...recorded(engine));

      it("has no foreign rules, and everything that its networks need", () => {
        for (const failure of ["lost", "arrived", undefined] as const)
          assert.deepEqual(foreignRules(found, PACKETS, failure, true), []);
        assert.deepEqual(dropping(found, waysIn(found), {}), []);
        assert.deepEqual(lostBy(found, NETWORKS), []);
      });
      it("translates addresses, isolates bridges and forwards to published ports", () => {
        assert.match(masquerade(found, "10.1.0.0/24")?.text ?? "", /10\.1\.0\.0\/24 .*masquerade|masquerade/i);
        assert.match(masquerade(found, "10.1.0.0/24")?.text ?? "", /10\.1\.0\.0\/24/);
        assert.equal(masquerade(found, "10.3.0.0/24"), undefined);
        assert.match(isolation(found, "br-1", "br-2").at(-1)?.text ?? "", /br-2.* drop$/i);
        assert.ok(isolationOf(found, "br-1").length > 0);
        assert.deepEqual(isolation(found, "br-1", "br-3"), []);
        assert.deepEqual(publishing(found, "8081"), []);
        assert.match(
          publishing(found, "8080")
            .map(({ text }) => text)
            .join("\n"),
          /^[^\n]*dnat[^\n]*10\.1\.0\.2:80$/i,
        );
      });
      it("lacks everything for an unknown bridge", () => {
        const lost = lostBy(found, [...NETWORKS, bridgeNetwork("n3", "br-3", "10.3.0.0/24")]);
        assert.match(lostInWords(lost), /n3 \(address translation, the way out, isolation\)$/);
      });
    });
  }

  it("whose rules were flushed has lost them; its chains remain", () => {
    const [all, kept] = [recorded("20.10"), recorded("20.10").filter((line) => !line.startsWith("rules.nft -A "))];
    const every = "address translation, the way out, isolation";
    assert.equal(lostInWords(lostBy(firewallIn(...kept), NETWORKS)), `bridge (${every}), n1 (${every}), n2 (${every})`);
    const without = (part: string) =>
      lostInWords(lostBy(firewallIn(...all.filter((line) => !line.includes(part))), NETWORKS));
    assert.equal(without("-s 10.1.0.0/24"), "n1 (address translation)");
    assert.equal(without("-i br-1 ! -o br-1 -j ACCEPT"), "n1 (the way out)");
    assert.equal(without("-A DOCKER-ISOLATION-STAGE-2 -o br-2"), "n2 (isolation)");
    // The rules exist, but no packet reaches them.
    assert.equal(without("-A FORWARD -j DOCKER-ISOLATION"), "bridge (isolation), n1 (isolation), n2 (isolation)");
  });
  it("whose nftables table was removed has lost everything", () => {
    const empty = firewallIn("iptables iptables v1.8.9 (nf_tables)", 'rules.nftables {"nftables":[]}');
    assert.equal(lostBy(empty, NETWORKS).length, 3);
  });
  it("needs only what a network's options require", () => {
    const bare = firewall(...HEAD, ":DOCKER - [0:0]");
    const network = (name: string, value: string, internal = false) =>
      bridgeNetwork("n", "br-n", "10.9.0.0/24", {
        internal,
        options: { [`com.docker.network.bridge.${name}`]: value },
      });
    assert.deepEqual(lostBy(bare, [network("name", "br-n", true)]), []);
    assert.deepEqual(lostBy(bare, [network("gateway_mode_ipv4", "routed")]), []);
    assert.equal(lostInWords(lostBy(bare, [network("enable_ip_masquerade", "false")])), "n (the way out)");
  });
  it("is unknown if its rules may be in nftables and no command lists them", () => {
    assert.deepEqual(lostBy(firewall("*filter", ":FORWARD ACCEPT [0:0]"), NETWORKS), []);
  });
});

describe("foreign rules", () => {
  it("are named with their effect, and the command that removes them", () => {
    const accept = "-A DOCKER-USER -p icmp -j ACCEPT";
    const [one] = foreignRules(firewall(...HEAD, accept, "-A FORWARD -o br-1 -j DOCKER"), PACKETS);
    assert.match(
      one?.title ?? "",
      /^iptables has a rule that is not Docker's: -A DOCKER-USER -p icmp -j ACCEPT \(it lets through/,
    );
    assert.equal(one?.fix, "iptables -t filter -D DOCKER-USER -p icmp -j ACCEPT");
    const direct = ["*nat", ":POSTROUTING ACCEPT [0:0]", "-A POSTROUTING -s 10.1.0.2/32 -p tcp -j RETURN"];
    assert.match(title(...direct).join(), /of the table nat .*RETURN \(what it matches keeps its source address/);
    const raw = ["*raw", ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -s 10.1.0.2/32 -j DROP"];
    assert.match(title(...raw).join(), /^iptables has a rule of the table raw that is not Docker's: .* \(it drops/);
    assert.match(
      title("*mangle", ":FORWARD ACCEPT [0:0]", "-A FORWARD -i br-1 -j DROP").join(),
      /table mangle .*drops/,
    );
    const legacy = firewallIn(
      "iptables x (nf_tables)",
      ...[...HEAD, "-A DOCKER-USER -j DROP"].map((l) => `rules.legacy ${l}`),
    );
    assert.equal(foreignRules(legacy, PACKETS)[0]?.fix, "iptables-legacy -t filter -D DOCKER-USER -j DROP");
  });
  it("accept packets that the engine would drop on its bridges only, and drop packets on any interface", () => {
    const packets = between(["10.1.0.2"], ["br-1"], ["eth0"]);
    const found = (condition: string) =>
      ["ACCEPT", "DROP"].map(
        (target) => foreignRules(firewall(...HEAD, `-A DOCKER-USER ${condition} -j ${target}`), packets).length,
      );
    assert.deepEqual(found("-i br-1"), [1, 1]);
    assert.deepEqual(found("-i br-1 -o br-1"), [1, 1]);
    assert.deepEqual(found("-i br-1 -o eth0"), [0, 1]);
    assert.deepEqual(found("-o eth0"), [0, 1]);
    assert.deepEqual(found("-o br-2"), [0, 0]);
  });
  it("are found in chains that other rules jump to, with all conditions on the way", () => {
    const chain = (condition: string) =>
      title(
        ...HEAD,
        ":mine - [0:0]",
        `-A FORWARD ${condition} -j mine`,
        "-A mine -j REJECT --reject-with icmp-port-unreachable",
      );
    assert.match(chain("-i br-1").join(), /-A mine -j REJECT/);
    assert.deepEqual(chain("-i eth9"), []);
  });
  it("are ignored without effect, or behind the engine's decision", () => {
    const drop = "-A FORWARD -j REJECT --reject-with icmp-host-prohibited";
    const engines = "-A FORWARD -i br-1 ! -o br-1 -j ACCEPT";
    assert.equal(title(...HEAD, drop, engines).length, 1);
    assert.deepEqual(title(...HEAD, engines, drop), []);
    for (const none of [
      "-j LOG",
      "-m conntrack --ctstate INVALID -j DROP",
      '-m comment --comment "-s 10.1.0.2 -j DROP"',
    ])
      assert.deepEqual(title(...HEAD, `-A DOCKER-USER ${none}`, engines), [], none);
    assert.deepEqual(title(...HEAD, ":INPUT ACCEPT [0:0]", "-A INPUT -j DROP"), []);
  });
  it("drop packets that are lost, and accept those that arrive", () => {
    const [drop, accept] = [firewall(...HEAD, "-A DOCKER-USER -j DROP"), firewall(...HEAD, "-A DOCKER-USER -j ACCEPT")];
    const count = (rules: typeof drop, failure: "lost" | "arrived") => foreignRules(rules, PACKETS, failure).length;
    assert.deepEqual([count(drop, "lost"), count(drop, "arrived")], [1, 0]);
    assert.deepEqual([count(accept, "lost"), count(accept, "arrived")], [0, 1]);
  });
  for (const [text, yes] of [
    ["-j DROP", true],
    ["-s 10.1.0.0/24 -j DROP", true],
    ["-s 10.9.0.0/24 -j DROP", false],
    ["! -s 10.9.0.0/24 -j DROP", true],
    ["-i br-2 -j DROP", true],
    ["-i br-3 -j DROP", false],
    ["-i br+ -j DROP", true],
    ["-p icmp -j DROP", true],
    ["-p tcp -j DROP", false],
  ] as const) {
    it(`concern echo requests or not: ${text}`, () => {
      const way = waysIn(firewall(...HEAD, `-A DOCKER-USER ${text}`)).at(-1);
      assert.equal(mayHold(way?.conditions ?? [], { ...PACKETS, protocol: ["icmp"] }), yes);
    });
  }
  it("of nftables are found beside those of an engine of either kind", () => {
    for (const engine of ENGINES) {
      const lines = recorded(engine).filter((line) => !line.startsWith("rules.nftables "));
      const [one] = foreignRules(firewallIn(...lines, native("accept", [from("10.1.0.2"), { drop: null }])), PACKETS);
      assert.equal(
        one?.title,
        "nftables has a rule of the table inet mine that is not Docker's: forward ip saddr 10.1.0.2 drop (it drops what it matches)",
      );
      assert.equal(one?.fix, "nft delete rule inet mine forward handle 1");
    }
    const harmless = native(
      "accept",
      [from("10.9.0.2"), { drop: null }],
      [state("invalid"), { drop: null }],
      [{ accept: null }],
    );
    assert.deepEqual(foreignRules(firewallIn("iptables x (nf_tables)", harmless), PACKETS), []);
  });
  it("include a chain whose policy drops packets that none of its rules accepts", () => {
    const policy = (...rules: unknown[][]) =>
      foreignRules(firewallIn("iptables x (nf_tables)", native("drop", ...rules)), PACKETS, "lost");
    const open = [state("established", "related"), { accept: null }];
    assert.equal(policy(open)[0]?.fix, "nft chain inet mine forward '{ policy accept; }'");
    assert.deepEqual(policy(open, [from("10.1.0.0/24"), { accept: null }]), []);
  });
});
