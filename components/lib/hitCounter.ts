/** The back end of the hit counter, whatever starts it. */
export const REDIS = {
  /** The name by which the front end finds it. */
  host: "redis",
  /** TCP port, redis' own default. */
  port: 6379,
  // Append-only: a hit is written to the file before the reply, so a killed container loses none.
  command: ["redis-server", "--appendonly", "yes", "--dir", "/data", "--bind", "*", "--protected-mode", "no"],
  healthcheck: "redis-cli ping | grep -q PONG",
  // The official image starts as root and switches to the user redis; init needs KILL to signal that process.
  capabilities: ["CHOWN", "KILL", "SETGID", "SETUID"],
  /** Folder of its data. */
  data: "/data",
} as const;

/** Its front end. */
export const WEB = {
  /** TCP port, as in the tutorial's `app.py`. */
  port: 5000,
  healthcheck: "curl -fsS http://127.0.0.1:5000/healthz",
  environment: { REDIS_HOST: REDIS.host },
} as const;
