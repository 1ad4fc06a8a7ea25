import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import { PROJECT } from "../../toolchain/environment.ts";

const SCRIPT = pathToFileURL(join(PROJECT, "components/cluster-store-engine/endpoints.sh"));
const HERE = "10.0.0.11";
const THERE = "10.0.0.12";

/** An endpoint in the store. */
interface Endpoint {
  readonly name: string;
  readonly locator: string;
}

describe("endpoints in a cluster store", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-endpoints-"));
  const program = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  after(() => rmSync(folder, { recursive: true }));

  /**
   * What the engine is asked to do if the store has these endpoints, `running` are on the network, those and `later` at the
   * second look, and `stopped` exist.
   */
  function asked(
    endpoints: readonly Endpoint[],
    { running = "", later = "", stopped = "", addresses = `${HERE} ${THERE}` } = {},
  ): string[] {
    const log = join(folder, "log");
    writeFileSync(log, "");
    writeFileSync(join(folder, "running"), `${running}\n`);
    program("sleep", `echo ${later} >>${folder}/running`);
    program("timeout", 'shift; exec "$@"');
    program(
      "docker",
      `case "$*" in
      "ps --filter network=n1 "*) cat ${folder}/running ;;
      "container inspect"*) for each in "$@"; do :; done; case " ${stopped} " in *" $each "*) echo false ;; *) exit 1 ;; esac ;;
      *) echo "$*" >>${log} ;;
      esac`,
    );
    const values = endpoints.map(
      (endpoint, index) => `"get /docker/network/v1.0/endpoint/n1/${index}") echo '${JSON.stringify(endpoint)}' ;;`,
    );
    const keys = endpoints.map((_, index) => `/docker/network/v1.0/endpoint/n1/${index}`);
    program(
      "etcdctl",
      `while case $1 in --*) ;; *) false ;; esac; do shift 2; done
      case "$*" in "ls --recursive /docker/network/v1.0/endpoint/n1") printf '%s\\n' ${keys.join(" ")} ;; ${values.join(" ")} *) exit 1 ;; esac`,
    );
    const variables = { STORE: `etcd://${HERE}:2379`, ADDRESS: HERE, ADDRESSES: addresses };
    const { status, stderr } = spawnSync("sh", ["-s"], {
      input: `set -eu\n${assignments(variables)}\n${readScript(SCRIPT)}\nrelease_endpoints n1\n`,
      encoding: "utf8",
      env: { PATH: [folder, process.env.PATH].join(delimiter) },
    });
    assert.deepEqual([status, stderr], [0, ""]);
    return readFileSync(log, "utf8").trim().split("\n").filter(Boolean);
  }

  const own = { name: "web", locator: HERE };
  const others = { name: "web", locator: THERE };

  it("are removed if their container is of this host and does not run, under another name while it exists", () => {
    assert.deepEqual(asked([own]), ["network disconnect --force n1 web"]);
    assert.deepEqual(asked([own], { stopped: "web", running: "redis" }), [
      "rename web web.released",
      "network disconnect --force n1 web",
      "rename web.released web",
    ]);
  });

  it("are kept if their container runs, or runs soon after", () => {
    assert.deepEqual(asked([own], { running: "web" }), []);
    assert.deepEqual(asked([own], { later: "web" }), []);
  });

  it("of another host are kept, also if a stopped container here has that name, unless that host is gone", () => {
    assert.deepEqual(asked([others], { stopped: "web" }), []);
    assert.deepEqual(asked([others], { stopped: "web", addresses: "" }), []);
    assert.deepEqual(asked([others], { addresses: HERE }), ["network disconnect --force n1 web"]);
  });
});
