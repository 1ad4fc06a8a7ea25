/** What is wrong with the name of a network; undefined when the engine takes it. */
export const networkNameProblem = (name: string): string | undefined =>
  /^[A-Za-z0-9][\w.-]*$/.test(name)
    ? undefined
    : `expected a network name of letters, digits and _.- that starts with a letter or digit, got ${JSON.stringify(name)}`;

/** What is wrong with a socket for an engine to listen on (`--host` of dockerd); undefined when it takes it. */
export const socketProblem = (socket: string): string | undefined =>
  /^(tcp:\/\/[\w.-]+:\d{1,5}|unix:\/\/\/[\w./-]+)$/.test(socket)
    ? undefined
    : `expected a socket such as tcp://127.0.0.1:2375 or unix:///run/docker.sock, got ${JSON.stringify(socket)}`;

/** Where the Docker engine of a host is, unless DOCKER_HOST or a docker context says otherwise. */
export const DEFAULT_ENGINE = "unix:///var/run/docker.sock";

/** Whether a network is one that every engine has by itself, and not a user-defined one. */
export const isEngineNetwork = (name: string): boolean => ["bridge", "none", "host"].includes(name);
