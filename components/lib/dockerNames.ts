/** An error message if the engine does not accept a network name; undefined otherwise. */
export const networkNameProblem = (name: string): string | undefined =>
  /^[A-Za-z0-9][\w.-]*$/.test(name)
    ? undefined
    : `expected a network name of letters, digits and _.- that starts with a letter or digit, got ${JSON.stringify(name)}`;

/** An error message if an engine cannot listen on a socket (`--host` of dockerd); undefined otherwise. */
export const socketProblem = (socket: string): string | undefined =>
  /^(tcp:\/\/[\w.-]+:\d{1,5}|unix:\/\/\/[\w./-]+)$/.test(socket)
    ? undefined
    : `expected a socket such as tcp://127.0.0.1:2375 or unix:///run/docker.sock, got ${JSON.stringify(socket)}`;

/** Default address of the Docker engine, unless DOCKER_HOST or a docker context sets another. */
export const DEFAULT_ENGINE = "unix:///var/run/docker.sock";

/** Whether a network is built into every engine, not user-defined. */
export const isEngineNetwork = (name: string): boolean => ["bridge", "none", "host"].includes(name);
