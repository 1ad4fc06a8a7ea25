import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { debianImage } from "../stacks/images.ts";
import { run } from "../toolchain/run.ts";
import { imagesFrom } from "./imageOrigin.ts";

const SSHD = fileURLToPath(new URL("images/sshd", import.meta.url));

/** A running SSH server and its keys. */
export interface SshServer {
  /** Connection with the host key pinned. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly privateKey: string;
    readonly hostKey: string;
  };
  readonly rsaHostKey: string;
  /** A host key that is not the server's. */
  readonly otherKey: string;
  /** A private key that the server rejects. */
  readonly strangerKey: string;
  /** The user's key, encrypted. */
  readonly lockedKey: string;
  readonly agentSocket: string;
  exec(...command: string[]): Promise<string>;
  log(): Promise<string>;
}

/** A container with OpenSSH and its own keys. */
export async function startSshServer(container: string, work: string, password: string): Promise<SshServer> {
  const image = "dockernet-test/sshd";
  const base = debianImage(imagesFrom());
  await run("docker", ["build", "--quiet", "--tag", image, "--build-arg", `BASE=${base}`, SSHD]);

  const agent = join(work, "agent");
  mkdirSync(agent, { mode: 0o700 });
  const options = ["--name", container, "--publish", "127.0.0.1::22", "--volume", `${agent}:/agent`];
  const variables = ["--env", "ROOT_PASSWORD", "--env", `AGENT_UID=${process.getuid?.() ?? 0}`];
  await run("docker", ["run", "--detach", "--rm", ...options, ...variables, image], {
    env: { ROOT_PASSWORD: password },
  });
  const exec = (...command: string[]) => run("docker", ["exec", container, ...command]);
  const read = async (file: string) => `${await exec("cat", file)}\n`;
  const log = () => run("sh", ["-c", `docker logs ${container} 2>&1`]);
  while (!(await log()).includes("Server listening")) await setTimeout(100);

  const port = Number((await run("docker", ["port", container, "22/tcp"])).split(":").at(-1));
  const [privateKey, hostKey] = [await read("/keys/user"), await read("/etc/ssh/ssh_host_ed25519_key.pub")];
  return {
    connection: { host: "127.0.0.1", port, privateKey, hostKey },
    rsaHostKey: await read("/etc/ssh/ssh_host_rsa_key.pub"),
    otherKey: await read("/keys/other-host.pub"),
    strangerKey: await read("/keys/stranger"),
    lockedKey: await read("/keys/locked"),
    agentSocket: join(agent, "socket"),
    exec,
    log,
  };
}
