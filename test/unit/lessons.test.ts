import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LESSONS, output, retell } from "../../docs/lessons.ts";
import { parseConfig } from "../../stacks/config.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { difference, inbound, type Journey, outbound } from "../lessons.ts";

const read = (name: string) => readFileSync(join(PROJECT, "docs", `${name}.md`), "utf8");

/** Settings that cause the errors in the lessons' tables. */
const WRONG: readonly Readonly<Record<string, string>>[] = [
  { bridge: '{"subnet":"10.0.0.0/30"}' },
  { bridge: '{"gateway":"10.9.9.9"}' },
  { bridge: '{"subnet":"10.5.0.0/24","outside":"10.5.0.0/30"}' },
  { links: '{"gateway":"10.9.9.9"}' },
  { ports: '{"port":80}', counter: '{"port":80}' },
  { ports: '{"port":0}' },
  { publishAddress: "everywhere" },
  { isolation: '{"port":0}' },
  { isolation: '{"subnet":"10.5.0.0/24"}' },
  { counter: '{"subnet":"10.0.0.0/30"}' },
  { namespaces: '{"addresses":["10.0.0.1/24"]}' },
  { macvlan: '{"subnet":"10.0.0.0/30"}' },
];

function refusal(raw: Readonly<Record<string, string>>): string {
  try {
    parseConfig({ project: "dockernet", stack: "t" }, raw);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the pages of the lessons", () => {
  for (const lesson of LESSONS) {
    it(`docs/${lesson}.md ends its exercises with a check that all is repaired, and has a table of errors`, () => {
      const [, breaking = "", errors = ""] = read(lesson).split(/^## (?:Try to break it|What the errors mean)$/m);
      const commands = breaking.split("\n").filter((line) => line.startsWith("$ "));
      assert.match(commands.at(-1) ?? "", /^\$ npx lab verify (practice|basics|mine) \| grep -c FAILED$/);
      assert.match(breaking, /\| grep -c FAILED\n0\n```/);
      assert.match(errors, /^\| the error says +\| what to do +\|$/m);
    });
  }

  it("quote only existing errors", () => {
    const settings = WRONG.map(refusal).join("\n");
    const sources = ["components", "lab", "stacks"].flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(sh|ts)$/.test(file))
        .map((file) => readFileSync(join(PROJECT, folder, file), "utf8")),
    );
    for (const lesson of LESSONS) {
      const [page = "", table = ""] = read(lesson).split("## What the errors mean");
      const quoted = [...table.matchAll(/^\| .*? \|/gm)].flatMap(([cell]) => [...cell.matchAll(/`([^`]{12,})`/g)]);
      assert.ok(quoted.length >= 4, lesson);
      for (const [, error = ""] of quoted) {
        if (/^\w+(\.\w+)?: /.test(error)) {
          assert.match(settings, new RegExp(error.replace(/[.]/g, "\\.").replaceAll("…", ".+")), lesson);
        } else {
          // The sources have variables where the page has an ellipsis or an address.
          const parts = error.split(/[…():]|\d[\d./]*(?= )/).map((part) => part.trim());
          const fixed = parts.reduce((a, b) => (a.length > b.length ? a : b));
          assert.ok(
            fixed.length >= 8 && [page, ...sources].some((text) => text.includes(fixed)),
            `${lesson}: ${error}`,
          );
        }
      }
    }
  });

  it("have links to existing pages and headings, as has the page of the tutorial's rows", () => {
    const anchors = (text: string) =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
    for (const name of ["tutorial", ...LESSONS]) {
      const links = [...read(name).matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)].filter(
        ([, to = ""]) => !to.includes("://"),
      );
      for (const [link, to = "", anchor] of links) {
        const file = join(PROJECT, "docs", to);
        assert.ok(existsSync(file), `${name}: ${link}`);
        assert.ok(anchor === undefined || anchors(readFileSync(file, "utf8")).includes(anchor), `${name}: ${link}`);
      }
    }
    for (const lesson of LESSONS) assert.ok(read("tutorial").includes(`](${lesson}.md)`), lesson);
  });
});

describe("updating a lesson", () => {
  it("runs every command in the order of the page and replaces only its output", async () => {
    const said: string[] = [];
    const page = "$ text\n\n```console\n$ a\nold\n$ b\n```\n\n```sh\n$ no\n```\n\n```console\n$ c $1\nold\n```\n";
    const told = await retell(page, async (command) => {
      said.push(command);
      return command === "b" ? "" : `${command}:\n$& new`;
    });
    assert.deepEqual(said, ["a", "b", "c $1"]);
    assert.equal(
      told,
      "$ text\n\n```console\n$ a\na:\n$& new\n$ b\n```\n\n```sh\n$ no\n```\n\n```console\n$ c $1\nc $1:\n$& new\n```\n",
    );
  });

  it("shows the output of a failed command, with errors in place", async () => {
    assert.equal(await output("echo one; echo two >&2; printf 'three  \\n\\n'; exit 3"), "one\ntwo\nthree");
  });
});

describe("a lesson in another environment", () => {
  const journey: Journey = {
    from: { identity: { project: "dockernet", stack: "practice" }, published: [80, 5000], docker0: "172.17.0." },
    to: { identity: { project: "dockernet", stack: "t" }, published: [28176, 28177], docker0: "172.18.0." },
  };
  const bases = ["bridge-net", "outside", "redis", "flask-redis", "test7", "test8", "web", "web-unpublished"];
  const commands: readonly (readonly [practice: string, here: string])[] = [
    ["npx lab verify practice | grep '^6'", "npx lab verify t | grep '^6'"],
    ["sed -i 's/nodes: 2/nodes: 3/' stacks/Pulumi.practice.yaml", "sed -i 's/nodes: 2/nodes: 3/' stacks/Pulumi.t.yaml"],
    ["docker stop web", "docker stop dockernet-t-web"],
    ["docker port web-unpublished", "docker port dockernet-t-web-unpublished"],
    ["docker exec test8 grep test7 /etc/hosts", "docker exec dockernet-t-test8 grep test7 /etc/hosts"],
    ["docker exec redis redis-cli get hits", "docker exec dockernet-t-redis redis-cli get hits"],
    [
      "docker network inspect bridge | grep '\"test7\"'",
      "docker network inspect bridge | grep '\"dockernet-t-test7\"'",
    ],
    [
      "docker exec test7 ping $(docker inspect -f '{{.X}}' test8)",
      "docker exec dockernet-t-test7 ping $(docker inspect -f '{{.X}}' dockernet-t-test8)",
    ],
    ["curl 127.0.0.1:80 | grep title", "curl 127.0.0.1:28176 | grep title"],
    ["iptables -S | grep -- '--dport 5000 '", "iptables -S | grep -- '--dport 28177 '"],
    ["docker exec flask-redis curl 127.0.0.1:5000", "docker exec dockernet-t-flask-redis curl 127.0.0.1:5000"],
    ["docker exec test7 ping 172.17.0.1", "docker exec dockernet-t-test7 ping 172.18.0.1"],
  ];
  for (const [practice, here] of commands) {
    it(`${practice}: ${here}`, () => assert.equal(outbound(practice, journey, bases), here));
  }

  it("has its own blocks, ports and interface outbound, and the page's inbound", () => {
    const command = "ping 10.170.239.2; curl 127.0.0.1:30501; ip link show dev veth-outside";
    const here = outbound(command, journey, bases);
    assert.match(here, /^ping 10\.\d+\.\d+\.2; curl 127\.0\.0\.1:\d{5}; ip link show dev veth-out-[0-9a-f]{6}$/);
    assert.ok(!here.includes("10.170.239") && !here.includes("30501"));
    assert.equal(inbound(here, journey), command);
  });

  it("has the page's names inbound", () => {
    assert.equal(
      inbound("64 bytes from dockernet-t-redis.dockernet-t-counter-net, t 127.0.0.1:28177->5000/tcp 28176", journey),
      "64 bytes from redis.counter-net, practice 127.0.0.1:5000->5000/tcp 80",
    );
  });
});

describe("comparing a lesson with new output", () => {
  const same: readonly (readonly [page: string, now: string])[] = [
    [
      "6.1  passed  the host reaches it   reply from 10.170.224.2",
      "6.1  passed  the host reaches it  reply from 10.170.224.9",
    ],
    ["hostname is e0481505cfb4.", "hostname is 0123456789ab."],
    ["link/ether 02:42:ac:11:00:03 brd ff:ff:ff:ff:ff:ff", "link/ether 12:f7:ab:c9:36:a0 brd ff:ff:ff:ff:ff:ff"],
    ["7: eth0@if8: <UP>\n8: veth5642e33@if7: <UP>", "70: eth0@if81: <UP>\n81: veth0000001@if70: <UP>"],
    ["net:[1]\nnet:[1]\nnet:[2]", "net:[5]\nnet:[5]\nnet:[4]"],
    ["seen 7 times\n7", "seen 612 times\n612"],
    ["200 different numbers from 3 to 202", "200 different numbers from 4 to 203"],
    ["icmp_seq=1 ttl=64 time=0.049 ms", "icmp_seq=1 ttl=64 time=12 ms"],
    ["1 received, 0% packet loss, time 0ms", "1 received, 0% packet loss, time 3ms"],
    ["rtt min/avg/max/mdev = 0.049/0.049/0.049/0.000 ms", "rtt min/avg/max/mdev = 1.1/1.1/1.1/0.0 ms"],
    ["data.before-2026-11-29T18-15-43Z", "data.before-2027-01-02T03-04-05Z"],
    ["interfaces  br-1, br-2, br-3, lo and 22 more", "interfaces  docker0, eth0, lo and 1 more"],
    ["172.17.0.2\ttest7 test7", "172.17.0.5\ttest7 test7 test7"],
  ];
  for (const [page, now] of same)
    it(`is the same: ${page.split("\n")[0]}`, () => assert.equal(difference(page, now), undefined));

  const line = "6.1  passed  no port of the host leads to web  nothing published";
  const different: readonly (readonly [what: string, page: string, now: string])[] = [
    ["a check that fails", line, line.replace("passed", "FAILED")],
    ["a sentence with different wording", line, line.replace("no port", "none of the ports")],
    ["another finding", line, line.replace("nothing published", "127.0.0.1:80->80/tcp")],
    ["another row", line, line.replace("6.1", "6.2")],
    ["a missing line", `${line}\n${line}`, line],
    ["an additional line", line, `${line}\n${line}`],
    ["lines in a different order", `${line}\nother`, `other\n${line}`],
    ["a bridge's address instead of a container's", "from 10.170.224.2", "from 10.170.224.1"],
    ["another network's address", "from 10.170.224.2", "from 10.170.225.2"],
    ["docker0 instead of a lab's network", "from 172.17.0.2", "from 10.170.225.2"],
    ["another port", "10.170.224.2:80 open", "10.170.224.2:81 open"],
    ["a loss instead of a reply", "1 received, 0% packet loss, time 0ms", "0 received, 100% packet loss, time 0ms"],
    ["a namespace that is no longer the host's", "net:[1]\nnet:[1]", "net:[5]\nnet:[4]"],
    ["a namespace that is the host's", "net:[1]\nnet:[2]", "net:[5]\nnet:[5]"],
    [
      "a veth pair with another end",
      "7: eth0@if8: <UP>\n8: veth5642e33@if7: <UP>",
      "7: eth0@if9: <UP>\n8: veth5642e33@if7: <UP>",
    ],
    ["hits that were lost", "seen 7 times\n7", "seen 7 times\n1"],
    ["failures instead of none", "0", "2"],
  ];
  for (const [what, page, now] of different) {
    it(`is different: ${what}`, () => assert.notEqual(difference(page, now), undefined));
  }

  it("reports the first difference with the page's line and the new one", () => {
    assert.equal(
      difference("one\nseen 1 times\nthree 0123456789ab", "one\nseen 5 times\nFAILED ba9876543210"),
      "on the page: three 0123456789ab\nnow:         FAILED ba9876543210",
    );
    assert.equal(difference("one", "one\ntwo"), "on the page: nothing\nnow:         two");
  });
});
