import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readScript } from "../../components/host-script/scriptText.ts";
import { run } from "../../toolchain/run.ts";

const SCRIPT = new URL("../../components/etcd-cluster/etcdctl.sh", import.meta.url);
const REFUSED = "error #0: remote error: tls: bad certificate";
const RESET = "error #0: write tcp 127.0.0.1:50712->127.0.0.1:2379: write: connection reset by peer";
const DOWN = "error #0: dial tcp 127.0.0.1:2379: connect: connection refused";
const IN_WORDS = "it refuses the certificate of this host, which is of another CA or has expired";

describe("why a member of etcd with TLS does not answer", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dockernet-tls-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs tls_problem with an etcdctl that fails with these texts, one a call; returns what it says and the number of calls. */
  const told = async (...texts: string[]) => {
    const program = join(folder, "etcdctl");
    const lines = texts.map((text, index) => `${index}) echo '${text}' ;;`).join("\n");
    writeFileSync(
      program,
      `#!/bin/sh\nn=$(cat ${folder}/n)\necho $((n + 1)) >${folder}/n\ncase $n in\n${lines}\nesac\nexit 1\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(folder, "n"), "0\n");
    const said = await run("sh", [
      "-c",
      `${readScript(SCRIPT)}\ntls_problem "$1" https://127.0.0.1:2379`,
      "sh",
      program,
    ]);
    return { said, calls: Number(readFileSync(join(folder, "n"), "utf8")) };
  };

  it("is a refused certificate, as etcdctl says", async () =>
    assert.deepEqual(await told(REFUSED), { said: IN_WORDS, calls: 1 }));

  it("is a refused certificate, also if etcdctl could not send its request at first", async () =>
    assert.deepEqual(await told(RESET, RESET, REFUSED), { said: IN_WORDS, calls: 3 }));

  it("is not TLS if the connection is refused, and etcdctl runs once", async () =>
    assert.deepEqual(await told(DOWN), { said: "", calls: 1 }));

  it("is not known if the connection is reset each time", async () =>
    assert.deepEqual(await told(RESET, RESET, RESET, RESET, RESET), { said: "", calls: 5 }));
});
