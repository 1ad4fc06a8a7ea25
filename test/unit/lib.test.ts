import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  cableProblem,
  hostAddress,
  isHostOf,
  networkOf,
  overlap,
  parseCidr,
  subBlock,
} from "../../components/lib/cidr.ts";
import { contentHash } from "../../components/lib/contentHash.ts";
import { healthProbe } from "../../components/lib/hardened.ts";
import { defaultPort, defaultSubnet, objectName, ownerLabels } from "../../components/lib/identity.ts";
import { interfaceNameProblem, namespaceNameProblem } from "../../components/lib/kernelNames.ts";
import { labelList } from "../../components/lib/labels.ts";
import { quote } from "../../components/lib/quote.ts";

describe("cidr", () => {
  it("refuses values that are not IPv4 blocks", () => {
    const wrong = ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/24", "10.0.0.256/32", "010.0.0.0/8", "::/0"];
    for (const each of [...wrong, "10.0.0.0/24/24", " 10.0.0.0/24", "10.0.0.0/8x"]) {
      assert.throws(() => parseCidr(each), /expected an IPv4 block such as 172\.20\.8\.0\/24, got/, each);
    }
  });

  it("refuses host bits and suggests the block", () => {
    assert.throws(
      () => parseCidr("172.20.8.9/24"),
      /expected the block's own address 172\.20\.8\.0\/24, got 172\.20\.8\.9/,
    );
  });

  it("returns host addresses, and refuses those outside", () => {
    assert.equal(hostAddress("172.30.5.0/24", 1), "172.30.5.1");
    assert.equal(hostAddress("10.0.0.0/8", 256), "10.0.1.0");
    assert.throws(() => hostAddress("10.0.0.0/30", 3), /has no host 3/);
    assert.throws(() => hostAddress("10.0.0.0/30", 0), /has no host 0/);
  });

  it("distinguishes hosts from the first and last address of a block and from outside addresses", () => {
    assert.deepEqual(
      ["10.1.0.0", "10.1.0.1", "10.1.0.254", "10.1.0.255", "10.1.1.1", "host"].map((each) =>
        isHostOf("10.1.0.0/24", each),
      ),
      [false, true, true, false, false, false],
    );
  });

  it("finds the block of an address", () => {
    assert.deepEqual(["192.168.1.1/24", "192.168.1.129/25", "255.255.255.255/32", "10.9.8.7/0"].map(networkOf), [
      "192.168.1.0/24",
      "192.168.1.128/25",
      "255.255.255.255/32",
      "0.0.0.0/0",
    ]);
    for (const wrong of ["192.168.1.1", "192.168.1/24", "192.168.1.1/33", "192.168.1.1/24/24", "::1/64", ""]) {
      assert.throws(() => networkOf(wrong), /expected an IPv4 address with prefix length such as .*, got/, wrong);
    }
  });

  it("accepts two hosts of one block for a veth pair, and nothing else", () => {
    assert.equal(cableProblem(["10.0.0.1/30", "10.0.0.2/30"]), undefined);
    assert.match(cableProblem(["10.0.0.1/31", "10.0.0.0/31"]) ?? "", /expected a host of 10\.0\.0\.0\/31/);
  });

  it("detects an overlap from either side", () => {
    assert.equal(overlap("10.0.0.0/8", "10.9.0.0/16"), true);
    assert.equal(overlap("10.9.0.0/16", "10.0.0.0/8"), true);
    assert.equal(overlap("10.0.0.0/24", "10.0.1.0/24"), false);
  });

  it("divides a block into parts inside it that do not overlap", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), (a, b) => {
        const [x, y] = [subBlock("10.7.0.0/16", 24, a), subBlock("10.7.0.0/16", 24, b)];
        assert.ok(overlap("10.7.0.0/16", x));
        assert.equal(overlap(x, y), a === b);
      }),
    );
    assert.throws(() => subBlock("10.7.0.0/16", 24, 256), /has no \/24 block 256/);
  });
});

describe("identity", () => {
  const identity = fc.record({ project: fc.string({ minLength: 1 }), stack: fc.string({ minLength: 1 }) });

  it("uses the tutorial's names for practice and unique ones for every other environment", () => {
    assert.equal(objectName({ project: "dockernet", stack: "practice" }, "web"), "web");
    assert.equal(objectName({ project: "dockernet", stack: "basics" }, "web"), "dockernet-basics-web");
  });

  it("gives the labs of one environment subnets and ports that never collide", () => {
    fc.assert(
      fc.property(identity, (id) => {
        const labs = Array.from({ length: 16 }, (_, lab) => lab);
        const subnets = labs.map((lab) => defaultSubnet(id, lab));
        assert.ok(subnets.every((subnet, i) => subnets.slice(i + 1).every((other) => !overlap(subnet, other))));
        assert.ok(subnets.every((subnet) => overlap("10.128.0.0/9", subnet)));
        const ports = labs.map((lab) => defaultPort(id, lab));
        assert.equal(new Set(ports).size, 16);
        assert.ok(ports.every((port) => port >= 20_000 && port < 32_768));
      }),
    );
  });

  it("gives the same environment the same subnet and port every time", () => {
    const basics = { project: "dockernet", stack: "basics" };
    assert.deepEqual(
      [defaultSubnet(basics, 0), defaultSubnet(basics, 0)],
      [defaultSubnet(basics, 0), defaultSubnet(basics, 0)],
    );
    assert.notEqual(defaultSubnet(basics, 0), defaultSubnet({ project: "dockernet", stack: "basics2" }, 0));
    assert.notEqual(defaultPort(basics, 0), defaultPort({ project: "dockernet", stack: "basics2" }, 0));
  });

  it("labels an object with its project, stack and lab, in a fixed order", () => {
    assert.deepEqual(labelList(ownerLabels({ project: "p", stack: "s" }, "l")), [
      { label: "dockernet.lab", value: "l" },
      { label: "dockernet.project", value: "p" },
      { label: "dockernet.stack", value: "s" },
    ]);
  });
});

describe("kernel names", () => {
  const wrong = ["", ".", "..", "a b", "a/b", "a:b", "-a", "tab\t"];

  it("are 1 to 15 bytes for an interface", () => {
    for (const right of ["a", "veth-test1", "x".repeat(15), "é".repeat(7)]) {
      assert.equal(interfaceNameProblem(right), undefined, right);
    }
    for (const name of [...wrong, "x".repeat(16), "é".repeat(8)]) {
      assert.match(interfaceNameProblem(name) ?? "", /^expected an interface name of 1 to 15 bytes .*, got "/, name);
    }
  });

  it("are file names for a namespace", () => {
    for (const right of ["test1", "dockernet-my.stack-test1", "x".repeat(255)]) {
      assert.equal(namespaceNameProblem(right), undefined, right);
    }
    for (const name of [...wrong, "x".repeat(256)]) {
      assert.match(namespaceNameProblem(name) ?? "", /^expected a namespace name of 1 to 255 bytes .*, got "/, name);
    }
  });
});

describe("contentHash", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dockernet-hash-"));
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "a"), "1");
    writeFileSync(join(folder, "sub", "b"), "2");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("changes with a content, a name, a path and the salt, and with nothing else", () => {
    const first = contentHash(folder);
    assert.match(first, /^[0-9a-f]{12}$/);
    assert.equal(contentHash(folder), first);
    const hashes = [first, contentHash(folder, "salt")];
    writeFileSync(join(folder, "a"), "3");
    hashes.push(contentHash(folder));
    writeFileSync(join(folder, "c"), "");
    hashes.push(contentHash(folder));
    assert.equal(new Set(hashes).size, 4);
  });
});

describe("quote", () => {
  it("gives sh the same string back, for any content", () => {
    const text = fc.string({ unit: "binary-ascii" }).filter((each) => !each.includes("\0"));
    fc.assert(
      fc.property(text, (value) => {
        const said = execFileSync("sh", ["-c", `printf %s ${quote(value)}x`], { encoding: "utf8" });
        assert.equal(said, `${value}x`);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the health check of a container", () => {
  it("runs at once until it passes, then waits before the next probe, until one fails", () => {
    const folder = mkdtempSync(join(tmpdir(), "dockernet-probe-"));
    try {
      const up = join(folder, "it's up");
      const [, command = ""] = healthProbe(`[ -e ${quote(up)} ]`).tests;
      // A folder stands for the container's /dev/shm, and sleeps are recorded.
      const script = `sleep() { echo "slept $1"; }; ${command.replaceAll("/dev/shm", folder)}`;
      const probe = () => {
        const { status, stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
        return [status === 0, stdout.trim()];
      };
      assert.deepEqual(
        [probe(), probe()],
        [
          [false, ""],
          [false, ""],
        ],
      );
      writeFileSync(up, "");
      assert.deepEqual(
        [probe(), probe()],
        [
          [true, ""],
          [true, "slept 28"],
        ],
      );
      rmSync(up);
      assert.deepEqual(
        [probe(), probe()],
        [
          [false, "slept 28"],
          [false, ""],
        ],
      );
      assert.equal(existsSync(join(folder, "passed")), false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
