/** Why the docker command does not come to an engine that may well run, and how to fix it. */
export interface Refusal {
  readonly what: string;
  readonly fix: string;
}

/**
 * What the docker command's own words mean; undefined where they say no more than that no engine answers.
 * `apiVersion` is DOCKER_API_VERSION as the command had it.
 */
export function engineRefusal(said: string, apiVersion: string | undefined): Refusal | undefined {
  const [line] = said.split("\n").flatMap((each) => /client version .*|page not found/i.exec(each)?.[0] ?? []);
  if (apiVersion && line) {
    return {
      what: `the engine refuses DOCKER_API_VERSION=${apiVersion}: ${line}`,
      fix: "unset DOCKER_API_VERSION, so that the docker command agrees with the engine on a version",
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
