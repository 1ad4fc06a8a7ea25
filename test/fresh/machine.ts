import { randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CAPABILITIES } from "../../components/practice-node/PracticeNode.ts";
import { debianImage } from "../../stacks/images.ts";
import { imageOrigin } from "../../toolchain/baseImage.ts";
import { cacheFolder } from "../../toolchain/cache.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { attempt, errorTail, run, which } from "../../toolchain/run.ts";
import { PACK } from "../clone.ts";

/** Path of the project on the machine, for its users to clone. */
const ORIGIN = "/srv/dockernet";
/** Folders of the cache that are copied to the machine, so that a run takes minutes: programs built from source. */
const HANDED_IN = ["toolchain", "pulumi-home"];

/** A container like a newly installed machine: systemd, git, Node.js and npm, and no engine or Pulumi. */
export interface FreshMachine {
  /** Runs a command line in the user's login shell and returns its output; errors contain its last lines. */
  readonly shell: (user: string, commands: string, timeoutMs?: number) => Promise<string>;
  /** Gives a user a clone of the project in `~/dockernet`, and programs that would take long to build. */
  readonly cloneFor: (user: string, umask?: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function freshMachine(): Promise<FreshMachine> {
  const name = `dockernet-fresh-${randomBytes(4).toString("hex")}`;
  const image = await buildImage();
  await run("docker", ["run", "--detach", "--tty", "--name", name, "--hostname", "fresh", ...OPTIONS, image]);
  const remove = async () => void (await run("docker", ["rm", "--force", "--volumes", name]));
  try {
    await until(() => attempt("docker", ["exec", name, "systemctl", "is-system-running", "--wait"]));
    await handIn(name);
  } catch (error) {
    await remove();
    throw error;
  }
  const shell: FreshMachine["shell"] = (user, commands, timeoutMs = 60_000) =>
    run("docker", ["exec", name, "su", "--login", user, "--command", commands], { timeoutMs }).catch((error) => {
      throw new Error(`${commands}, as ${user}:\n${errorTail({ ...error, stderr: "" }, 40)}\n${errorTail(error)}`);
    });
  return {
    shell,
    remove,
    cloneFor: async (user, umask = "022") => {
      await shell(user, `umask ${umask} && git clone --quiet ${ORIGIN} dockernet`);
      await shell(
        "root",
        `home=$(echo ~${user}) && mkdir -p $home/.cache && cp -a /srv/cache $home/.cache/dockernet &&
        cp /srv/npmrc $home/.npmrc && chown -R ${user}: $home/.cache $home/.npmrc`,
      );
    },
  };
}

/** Like a practice node's, plus two volumes, because overlay file systems cannot be nested. */
const OPTIONS = [
  ...CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
  ...["--cgroupns", "private", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
  ...["--tmpfs", "/run:exec", "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec"],
  ...["--volume", "/var/lib/docker", "--volume", "/var/lib/containerd"],
  ...programs().flatMap(([from, to]) => ["--volume", `${from}:${to}:ro`]),
];

/** Node.js and npm of the machine that runs the tests, without the project's own Node.js. */
function programs(): [string, string][] {
  const own = (folder: string) => folder.endsWith(join("node_modules", ".bin"));
  const [node, npm] = [which("node", own), which("npm", own)];
  if (!node || !npm) throw new Error("node or npm is missing on PATH, apart from the project's own");
  return [
    [realpathSync(node), "/usr/local/bin/node"],
    [dirname(dirname(realpathSync(npm))), "/usr/local/lib/node_modules/npm"],
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt"],
  ];
}

async function buildImage(): Promise<string> {
  const [here, node] = ["test/images/machine", "images/node"].map((folder) => join(PROJECT, folder));
  const base = debianImage(await imageOrigin());
  const script = 'tar -c -C "$1" Dockerfile -C "$2" entrypoint.sh | docker build --quiet --build-arg "BASE=$3" -';
  return run("sh", ["-c", script, "sh", here ?? "", node ?? "", base]);
}

/** Copies the project from this checkout, as a repository to clone, and programs that would take long to build. */
async function handIn(name: string): Promise<void> {
  const registry = (await run("npm", ["config", "get", "registry"])).trim();
  const script = `
    ${PACK} |
      docker exec -i "$2" sh -c 'mkdir -p ${ORIGIN} && tar -x --no-same-owner -C ${ORIGIN}'
    mkdir -p "$3" && cd "$3" && tar -c $(ls -d ${HANDED_IN.join(" ")} 2>/dev/null) --files-from /dev/null |
      docker exec -i "$2" sh -c 'mkdir -p /srv/cache && tar -x -C /srv/cache'`;
  await run("sh", ["-euc", script, "sh", PROJECT, name, cacheFolder()]);
  const inside = `
    ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
    ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
    printf 'registry=%s\\ncafile=/etc/ssl/certs/ca-certificates.crt\\n' "$1" >/srv/npmrc
    cd ${ORIGIN} && git init --quiet && git add --all &&
      git -c user.name=test -c user.email=test@localhost commit --quiet --message 'as it is'`;
  await run("docker", ["exec", name, "sh", "-euc", inside, "sh", registry]);
}

async function until(done: () => Promise<unknown>): Promise<void> {
  for (let tries = 60; (await done()) === undefined; tries -= 1) {
    if (tries === 0) throw new Error("the machine did not come up within a minute");
    await setTimeout(1000);
  }
}
