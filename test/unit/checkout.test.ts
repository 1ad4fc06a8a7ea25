import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sshOptions } from "../../components/lib/sshOptions.ts";
import { PROJECT } from "../../toolchain/environment.ts";

describe("a user's checkout", () => {
  const work = mkdtempSync(join(tmpdir(), "dockernet-checkout-"));
  after(() => rmSync(work, { recursive: true }));

  it("gives its files fixed modes in images, whatever its umask", () => {
    const files = globSync("{images,test/images}/*/Dockerfile", { cwd: PROJECT });
    const copied = files.flatMap((file) => {
      const text = readFileSync(join(PROJECT, file), "utf8");
      const given = [...text.matchAll(/(?:RUN|&&) (?:chmod|install -m) 0\d{3} (.+?)(?: \\)?$/gm)].flatMap(
        ([, paths = ""]) => paths.split(" "),
      );
      return [...text.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].map(([line, names = "", to = ""]) => {
        for (const from of names.split(" ")) {
          assert.ok(given.includes(to.endsWith("/") ? to + from : to), `${file}: after ${line} no mode is given`);
        }
        return file;
      });
    });
    assert.ok(new Set(copied).size >= 3, copied.join());
  });

  it("has line endings that Linux reads, even if git is configured for Windows", () => {
    const [origin, clone] = [join(work, "origin"), join(work, "clone")];
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=true", ...args]);
    git("init", "--quiet", origin);
    copyFileSync(join(PROJECT, ".gitattributes"), join(origin, ".gitattributes"));
    const names = ["run.sh", "Dockerfile", "app.py", "sshd.conf", "index.ts", "go.sum", "Pulumi.mine.yaml"];
    for (const name of names) writeFileSync(join(origin, name), "one\ntwo\n");
    git("-C", origin, "add", ".");
    git("-C", origin, "commit", "--quiet", "--message", "all");
    git("clone", "--quiet", origin, clone);
    for (const name of names) assert.equal(readFileSync(join(clone, name), "utf8"), "one\ntwo\n", name);
  });

  it("can hold a key in a folder of any name, which ssh would expand", () => {
    const file = join(work, 'a b%20c"d', "key");
    const target = { address: "10.0.0.9", hostKey: "ssh-ed25519 AAAA", keyFile: file };
    const given = execFileSync("ssh", ["-G", ...sshOptions(target), "10.0.0.9"]);
    assert.match(String(given), /^identityfile .*a b%%20c"d\/key$/m);
  });

  it("is refused in one sentence in a folder that PATH cannot hold", () => {
    for (const name of ["a:b", "c\nd", "e$" + "{f}"]) {
      const script = join(work, name, "toolchain", "bootstrap.sh");
      mkdirSync(dirname(script), { recursive: true });
      copyFileSync(join(PROJECT, "toolchain", "bootstrap.sh"), script);
      const { status, stdout, stderr } = spawnSync("sh", [script, "x"], { encoding: "utf8" });
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(stderr, /^error: the path of this checkout has a colon, [\s\S]*; move the checkout\n$/);
    }
  });
});
