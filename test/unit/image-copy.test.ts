import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { readScript } from "../../components/host-script/scriptText.ts";
import { run } from "../../toolchain/run.ts";

const SCRIPT = new URL("../../components/image-copy/send.sh", import.meta.url);
/** An engine that knows images by file names, and another one behind ssh, whose `docker load` prints LOADS. */
const DOCKER = `#!/bin/sh
echo "$1" >>"$JOURNAL"
case $1 in
image) cat "$STORE/$5" ;;
save) tar -cf - -C "$ARCHIVE" manifest.json ;;
load)
  cat >/dev/null
  echo "sha256:$LOADED" >"$STORE/sha256:$LOADED"
  echo "sha256:$LOADED" >"$STORE/dockernet:tiny"
  printf "$LOADS\\n" ;;
esac
`;
const SSH = '#!/bin/sh\nfor command; do :; done\nexec sh -c "$command"\n';
const [manifest = "", config = "", other = "", loaded = ""] = ["a", "b", "c", "d"].map((digit) => digit.repeat(64));

describe("an image that is sent to another engine", () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "dockernet-image-"));
    for (const each of ["bin", "store", "archive"]) mkdirSync(join(scratch, each));
    for (const [name, text] of Object.entries({ docker: DOCKER, ssh: SSH }))
      writeFileSync(join(scratch, "bin", name), text, { mode: 0o755 });
    writeFileSync(join(scratch, "journal"), "");
    archive([{ Config: `blobs/sha256/${config}`, RepoTags: ["dockernet:tiny"] }]);
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  const archive = (images: readonly object[]) =>
    writeFileSync(join(scratch, "archive", "manifest.json"), JSON.stringify(images));
  const there = (digest: string) => writeFileSync(join(scratch, "store", `sha256:${digest}`), `sha256:${digest}\n`);
  const send = (loads = `Loaded image ID: sha256:${loaded}`) =>
    run("sh", ["-euc", `${readScript(SCRIPT)}\nup`], {
      env: {
        PATH: [join(scratch, "bin"), process.env.PATH].join(delimiter),
        JOURNAL: join(scratch, "journal"),
        STORE: join(scratch, "store"),
        ARCHIVE: join(scratch, "archive"),
        LOADED: loaded,
        LOADS: loads,
        IMAGE: `sha256:${manifest}`,
        NAME: "docker-node1",
        DESTINATION: "root@192.0.2.1",
        SSH_PORT: "22",
        SSH_OPTIONS: "-T",
      },
    });
  const loads = () => readFileSync(join(scratch, "journal"), "utf8").match(/^load$/gm)?.length ?? 0;

  it("is not sent if an engine with the same kind of store has it", async () => {
    there(manifest);
    assert.equal(await send(), `sha256:${manifest}`);
    assert.equal(loads(), 0);
  });

  for (const [what, name] of [
    ["its configuration, as engines before 25 write it", `${config}.json`],
    ["its configuration", `blobs/sha256/${config}`],
  ] as const) {
    it(`is not sent if an engine knows it by the digest of ${what}`, async () => {
      archive([{ Config: `blobs/sha256/${other}` }, { Config: name }]);
      there(config);
      assert.equal(await send(), `sha256:${config}`);
      assert.equal(loads(), 0);
    });
  }

  for (const said of [`Loaded image ID: sha256:${loaded}`, "Loaded image: dockernet:tiny"]) {
    it(`has the id that the other engine assigns: ${said.slice(0, 28)}`, async () => {
      assert.equal(await send(said), `sha256:${loaded}`);
      assert.equal(loads(), 1);
    });
  }

  it("is refused with the engine's message if it did not load it", async () => {
    const reason = /image for docker-node1: its engine did not load sha256:a+: no space left on device/;
    await assert.rejects(send("no space left on device"), ({ stderr }: { stderr: string }) => reason.test(stderr));
  });
});
