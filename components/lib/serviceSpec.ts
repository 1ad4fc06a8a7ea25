import { healthProbe } from "./hardened.ts";
import { fileLine, fileReference, type KnownFile, nameInSwarm, type ServiceFileKind } from "./serviceFiles.ts";

/** How the tasks of a service are changed one after the other, or changed back. */
export interface ServicePolicy {
  /**
   * Number of tasks that are changed at the same time; 0 means all.
   * @default 1
   */
  readonly parallelism?: number;
  /**
   * Time after each of them, in seconds. With ports in mode `host`, a load balancer must find the first host again before the
   * second one stops answering: set more than the time for which it avoids a host that failed (nginx: `fail_timeout`, 10 s).
   * @default - 10 in an update of more than one task with a port in mode `host`; else 0
   */
  readonly delaySec?: number;
  /**
   * What happens if a changed task does not become healthy: `rollback`, which only an update may, `pause` or `continue`. Pulumi
   * keeps the arguments of before for an update that fails: after a `pause`, a program that has them again shows no change.
   * @default - `rollback` of an update, `pause` of a rollback
   */
  readonly failureAction?: "pause" | "continue" | "rollback";
  /**
   * Whether the old task stops before the new one starts (`stop-first`) or after it (`start-first`). Two tasks cannot have one
   * port of a host.
   * @default "stop-first"
   */
  readonly order?: "stop-first" | "start-first";
}

/** A published port of a service. */
export interface ServicePort {
  /** TCP port of the hosts, 1 to 65535. */
  readonly port: number;
  /** TCP port inside the containers, 1 to 65535. */
  readonly containerPort: number;
  /**
   * Whether only hosts with a task answer, for their own task (`host`), or every node of the swarm for any task (`ingress`, the
   * routing mesh), which needs `ip_vs` in the kernel. Both listen on all addresses of a host.
   * @default "host"
   */
  readonly mode?: "host" | "ingress";
}

/** What a service is made of. */
export interface ServiceShape {
  readonly serviceName: string;
  readonly image: string;
  readonly networks: readonly string[];
  /** Number of tasks; undefined is one on each node. */
  readonly replicas: number | undefined;
  readonly maxPerNode: number;
  readonly constraints: readonly string[];
  readonly endpointMode: "dnsrr" | "vip";
  readonly publish: readonly ServicePort[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: string | undefined;
  readonly stopGraceSec: number | undefined;
  readonly capabilities: readonly string[];
  readonly volume: { readonly name: string; readonly path: string } | undefined;
  readonly secrets: readonly KnownFile[];
  readonly configs: readonly KnownFile[];
  readonly update: ServicePolicy;
  readonly rollback: ServicePolicy;
  readonly labels: Readonly<Record<string, string>>;
}

const NANOSECONDS = 1_000_000_000;
/** Time for which nginx avoids a host that failed, in seconds: its `fail_timeout`. */
const AVOIDED_SEC = 10;

/** Time after each task of an update, in seconds. */
export const updateDelaySec = ({
  update,
  publish,
  replicas,
}: Pick<ServiceShape, "update" | "publish" | "replicas">): number =>
  update.delaySec ?? (replicas !== 1 && publish.some(({ mode = "host" }) => mode === "host") ? AVOIDED_SEC : 0);

/** An error message if a service cannot be made; undefined otherwise. */
export function serviceProblem({
  serviceName,
  replicas,
  publish,
  endpointMode,
  constraints,
  stopGraceSec,
  rollback,
}: ServiceShape): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(serviceName)) {
    return `expected a service name of 1 to 63 letters, digits, hyphens and underscores, got ${JSON.stringify(serviceName)}`;
  }
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1)) {
    return `service ${serviceName}: expected 1 replica or more, got ${replicas}`;
  }
  const port = publish
    .flatMap((each) => [each.port, each.containerPort])
    .find((each) => !Number.isInteger(each) || each < 1 || each > 65_535);
  if (port !== undefined) return `service ${serviceName}: expected a port of 1 to 65535, got ${port}`;
  if (endpointMode === "dnsrr" && publish.some(({ mode }) => mode === "ingress")) {
    return `service ${serviceName}: a port in mode ingress needs the endpoint mode vip, got dnsrr`;
  }
  if (stopGraceSec !== undefined && !(Number.isInteger(stopGraceSec) && stopGraceSec >= 0)) {
    return `service ${serviceName}: expected a time to stop of 0 seconds or more, got ${stopGraceSec}`;
  }
  if (rollback.failureAction === "rollback") {
    return `service ${serviceName}: expected pause or continue after a failed rollback, got rollback`;
  }
  const constraint = constraints.find((each) => !/^[\w.-]+\s*(==|!=)\s*\S+$/.test(each));
  return (
    constraint &&
    `service ${serviceName}: expected a constraint such as node.labels.disk==ssd, got ${JSON.stringify(constraint)}`
  );
}

/** A service as the engine's API takes it (ServiceSpec), in JSON, and a line for each of its secrets and configs. */
export function serviceParts(
  shape: ServiceShape,
  clusterId: string,
): { readonly spec: string; readonly files: string } {
  const [secrets, configs] = [filesOf("secret", shape.secrets), filesOf("config", shape.configs)];
  function filesOf(kind: ServiceFileKind, files: readonly KnownFile[]) {
    return files.map((file) => {
      const name = nameInSwarm(kind, file, { ...shape, clusterId });
      return { reference: fileReference(kind, file, name), line: fileLine(kind, file, name, { ...shape, clusterId }) };
    });
  }
  const references = (files: typeof secrets) => files.map(({ reference }) => reference);
  return {
    spec: serviceSpec(shape, references(secrets), references(configs)),
    files: [...secrets, ...configs].map(({ line }) => line).join("\n"),
  };
}

function serviceSpec(shape: ServiceShape, secrets: readonly object[], configs: readonly object[]): string {
  const { serviceName, image, networks, replicas, maxPerNode, constraints, labels, volume } = shape;
  return JSON.stringify({
    Name: serviceName,
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        ...(shape.command.length > 0 && { Args: shape.command }),
        Env: Object.entries(shape.environment)
          .map(([key, value]) => `${key}=${value}`)
          .sort(),
        ...(shape.healthcheck !== undefined && { Healthcheck: healthOf(shape.healthcheck) }),
        Init: true,
        ...(shape.stopGraceSec !== undefined && { StopGracePeriod: shape.stopGraceSec * NANOSECONDS }),
        CapabilityDrop: ["ALL"],
        CapabilityAdd: shape.capabilities.map((each) => `CAP_${each}`),
        ...(volume && { Mounts: [{ Type: "volume", Source: volume.name, Target: volume.path }] }),
        ...(secrets.length > 0 && { Secrets: secrets }),
        ...(configs.length > 0 && { Configs: configs }),
        Labels: labels,
      },
      Networks: networks.map((Target) => ({ Target })),
      Placement: { Constraints: constraints, ...(maxPerNode > 0 && { MaxReplicas: maxPerNode }) },
      RestartPolicy: { Condition: "any", Delay: NANOSECONDS },
    },
    Mode: replicas === undefined ? { Global: {} } : { Replicated: { Replicas: replicas } },
    UpdateConfig: policyOf({ failureAction: "rollback", ...shape.update, delaySec: updateDelaySec(shape) }),
    RollbackConfig: policyOf(shape.rollback),
    EndpointSpec: {
      Mode: shape.endpointMode,
      Ports: shape.publish.map(({ port, containerPort, mode = "host" }) => ({
        Protocol: "tcp",
        TargetPort: containerPort,
        PublishedPort: port,
        PublishMode: mode,
      })),
    },
  });
}

function healthOf(command: string) {
  const { tests, interval, timeout, retries } = healthProbe(command);
  return {
    Test: tests,
    Interval: Number.parseInt(interval, 10) * NANOSECONDS,
    Timeout: Number.parseInt(timeout, 10) * NANOSECONDS,
    Retries: retries,
  };
}

const policyOf = ({ parallelism = 1, delaySec = 0, failureAction = "pause", order = "stop-first" }: ServicePolicy) => ({
  Parallelism: parallelism,
  Delay: delaySec * NANOSECONDS,
  FailureAction: failureAction,
  Order: order,
});
