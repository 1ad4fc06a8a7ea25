/** Why an engine that runs refuses the docker command, and how to fix it. */
export interface Refusal {
  readonly what: string;
  readonly fix: string;
}

/**
 * Interprets the docker command's error output; undefined if it only says that no engine answers. `apiVersion` is the
 * command's DOCKER_API_VERSION.
 */
export function engineRefusal(said: string, apiVersion: string | undefined): Refusal | undefined {
  const [line] = said.split("\n").flatMap((each) => /client version .*|page not found/i.exec(each)?.[0] ?? []);
  if (apiVersion && line) {
    return {
      what: `the engine refuses DOCKER_API_VERSION=${apiVersion}: ${line}`,
      fix: "unset DOCKER_API_VERSION so that the docker command negotiates the version with the engine",
    };
  }
  if (line && /too old/.test(line)) {
    return {
      what: `the engine refuses the docker command of this machine: ${line}`,
      fix: "install a newer docker command (package docker-ce-cli, or docker-cli)",
    };
  }
  if (line && /too new/.test(line)) {
    return {
      what: `the engine refuses the docker command of this machine: ${line}`,
      fix: "install a docker command of the engine's version, or a newer engine",
    };
  }
  return undefined;
}
