import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { apartFrom, readEngineSettings } from "../../lab/host/engineSettings.ts";
import { readFacts } from "../../lab/host/facts.ts";
import { engineRefusal } from "../../toolchain/engineRefusal.ts";
import { askSocket } from "../../toolchain/engineSocket.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/run.ts";

describe("an engine that does not answer the docker command", () => {
  const NEW = "Error response from daemon: client version 9.99 is too new. Maximum supported API version is 1.41";
  const OLD = "Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44";

  it("refuses its API version, or says nothing about it", () => {
    assert.match(engineRefusal(NEW, "9.99")?.fix ?? "", /^unset DOCKER_API_VERSION/);
    assert.match(engineRefusal(OLD, "1.41")?.fix ?? "", /^unset DOCKER_API_VERSION/);
    assert.match(engineRefusal("Error response from daemon: page not found", "abc")?.what ?? "", /API_VERSION=abc/);
    assert.match(engineRefusal(OLD, undefined)?.fix ?? "", /^install a newer docker command/);
    assert.match(engineRefusal(NEW, undefined)?.fix ?? "", /^install a docker command of the engine's version/);
    assert.equal(engineRefusal("Cannot connect to the Docker daemon at unix:///x", "1.41"), undefined);
  });

  describe("is detected at its socket, which", () => {
    let folder: string;
    let server: Server | undefined;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "dockernet-socket-"));
    });
    afterEach(() => {
      server?.close();
      server = undefined;
      rmSync(folder, { recursive: true });
    });

    const listen = (greeting: string | undefined) =>
      new Promise<string>((resolve) => {
        const path = join(folder, "socket");
        server = createServer((socket) => {
          socket.on("error", () => {});
          if (greeting !== undefined) socket.end(greeting);
          else setTimeout(() => socket.destroy(), 1_000).unref();
        });
        server.listen(path, () => resolve(path));
      });

    const answers: readonly [what: string, greeting: string | undefined, expected: string][] = [
      ["answers", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", "answers"],
      ["refuses", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "answers"],
      ["does not speak HTTP", "SSH-2.0-x\r\n", "answers"],
      ["closes the connection", "", "answers"],
      ["says nothing", undefined, "hangs"],
    ];
    for (const [what, greeting, expected] of answers) {
      it(what, async () => assert.equal(await askSocket(await listen(greeting), 300), expected));
    }
    it("is missing, or is a file without a listener", async () => {
      const stale = join(folder, "stale");
      writeFileSync(stale, "");
      assert.equal(await askSocket(join(folder, "none"), 300), "absent");
      assert.equal(await askSocket(stale, 300), "absent");
    });
  });
});

describe("the engine of the project's commands", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dockernet-context-"));
    mkdirSync(join(folder, "tls", "docker"), { recursive: true });
    // Two contexts as printed by `docker context inspect`, one of them with certificates.
    const docker = `#!/bin/sh
      case \${DOCKER_CONTEXT:-current} in
      far) echo 'tcp://10.0.0.1:2376 false ${folder}/tls' ;;
      current) echo 'ssh://ann@build false ${folder}/none' ;;
      *) echo "context \\"$DOCKER_CONTEXT\\": context not found" >&2; exit 1 ;;
      esac`;
    writeFileSync(join(folder, "docker"), docker);
    chmodSync(join(folder, "docker"), 0o755);
    writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: "current" }));
  });
  after(() => rmSync(folder, { recursive: true }));

  const chosen = (env: NodeJS.ProcessEnv) => {
    const shown = "printenv DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH | xargs";
    const own = { DOCKER_HOST: "", DOCKER_CONTEXT: "", DOCKER_CONFIG: "/nowhere" };
    const PATH = `${folder}${delimiter}${process.env.PATH}`;
    return run("sh", ["-euc", `. ${PROJECT}/toolchain/commands/engine.sh; ${shown}`], {
      env: { ...own, PATH, ...env },
    });
  };

  it("is that of DOCKER_HOST, else of DOCKER_CONTEXT, else of the current context, else of the default socket", async () => {
    const config = { DOCKER_CONFIG: folder };
    assert.equal(await chosen({ ...config, DOCKER_CONTEXT: "far", DOCKER_HOST: "tcp://a:1" }), "tcp://a:1");
    assert.equal(await chosen({ ...config, DOCKER_CONTEXT: "far" }), `tcp://10.0.0.1:2376 1 ${folder}/tls/docker`);
    assert.equal(await chosen(config), "ssh://ann@build");
    assert.equal(await chosen({}), "unix:///var/run/docker.sock");
  });

  it("is missing if the context was removed", async () => {
    await assert.rejects(
      chosen({ DOCKER_CONTEXT: "gone" }),
      /error: the docker context gone cannot be used: context "gone"/,
    );
  });
});

describe("engines of a cluster store", () => {
  const engine = (own: string, ...met: string[]) =>
    readEngineSettings(
      readFacts(
        [
          `dockerd 7 /usr/sbin/dockerd --cluster-store=etcd://${own}:2379 --cluster-advertise=${own}:2375`,
          `dockerd.met ${met.join(" ")}`,
        ].join("\n"),
      ),
    );
  const apart = (...engines: [name: string, settings: ReturnType<typeof engine>][]) => apartFrom(new Map(engines));

  it("are apart if neither has met the other", () => {
    const [a, b, c] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"] as const;
    assert.deepEqual(apart(["a", engine(a, a)], ["b", engine(b, b, c)], ["c", engine(c, b, c)]), ["b", "c"]);
    assert.deepEqual(apart(["a", engine(a, a, b)], ["b", engine(b, b)]), []);
    assert.deepEqual(apart(["a", engine(a, a, b)], ["b", engine(b, a, b)]), []);
  });
  it("are not called so if their logs do not reach back to their start", () => {
    assert.deepEqual(apart(["a", engine("10.0.0.1")], ["b", engine("10.0.0.2", "10.0.0.2")]), []);
    assert.deepEqual(apart(), []);
  });
});

describe("the engines that an engine has met", () => {
  const SCRIPT = new URL("../../components/cluster-store-engine/gossip.sh", import.meta.url).pathname;
  const met = (...log: string[]) =>
    run("sh", ["-c", `journalctl() { printf '%s\\n' "$LOG"; }; systemctl() { echo 1; }; . "$0"; met`, SCRIPT], {
      env: {
        ...process.env,
        LOG: log.map((event) => `level=info msg="2026/11/29 [INFO] serf: ${event}\\n"`).join("\n"),
      },
    });

  it("are those that joined and have not gone since", async () => {
    const log = [
      "EventMemberJoin: node1 10.0.0.1",
      "EventMemberJoin: node2 10.0.0.2",
      "EventMemberFailed: node2 10.0.0.2",
    ];
    assert.equal((await met(...log)).trim(), "10.0.0.1");
    assert.equal((await met(...log, "EventMemberJoin: node2 10.0.0.2")).trim(), "10.0.0.1\n10.0.0.2");
    assert.equal((await met()).trim(), "");
  });
});
