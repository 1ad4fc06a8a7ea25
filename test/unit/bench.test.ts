import assert from "node:assert/strict";
import { etcdReport } from "../../bench/etcd/report.ts";
import { median, type Results, report } from "../../bench/report.ts";
import { swarmReport, type Timing } from "../../bench/swarm/report.ts";
import { stackFile } from "../../bench/swarm/workload.ts";
import { type ServiceShape, serviceParts } from "../../components/lib/serviceSpec.ts";

describe("the report of a benchmark", () => {
  it("has medians, of an even number of values too", () => {
    assert.deepEqual([median([]), median([3, 1, 2]), median([4, 1, 2, 3])], [undefined, 2, 2.5]);
  });

  it("compares containers with Compose and docker, and says what each further one costs", () => {
    const timing = (subject: string, size: number, seconds: number, task = "up" as const) => ({
      ...{ subject, size, task, seconds },
    });
    const results: Results = {
      timings: [timing("pulumi", 10, 6), timing("compose", 10, 4), timing("docker", 10, 3)],
      endings: [{ subject: "pulumi", size: 10, clean: true }],
    };
    for (const size of [10, 20]) {
      results.timings.push({ subject: "pulumi", size, task: "preview", seconds: size / 10 });
    }
    const text = report(results, [10, 20]);
    assert.match(text, /^\| 10 \| up \| 6\.00 \| 4\.00 \| 3\.00 \| 1\.50 \| 2\.00 \|$/m);
    assert.match(text, /^\| 10 \| clean after down \| 1\/1 \| 0\/0 \| 0\/0 \| {2}\| {2}\|$/m);
    assert.match(text, /A preview takes 0\.100 s more for each container\./);
  });

  it("compares services with stack deploy and service create, and says what each further task costs", () => {
    const of = (subject: string, small: number, large: number): Timing[] => [
      { subject, size: 100, task: "up", seconds: small },
      { subject, size: 200, task: "up", seconds: large },
    ];
    const timings = [...of("pulumi", 12, 22), ...of("stack", 10, 19), ...of("service", 8, 16)];
    const text = swarmReport(timings, [100, 200]);
    assert.match(text, /^\| 100 \| up \| 12\.00 \| 10\.00 \| 8\.00 \| 1\.20 \| 1\.50 \|$/m);
    assert.match(text, /^\| 200 \| preview \| {2}\| {2}\| {2}\| {2}\| {2}\|$/m);
    assert.match(text, /^\| up \| 100 \| 90 \| 80 \|$/m);
    assert.doesNotMatch(swarmReport(timings, [100]), /further/);
  });

  it("compares etcd with what does the same by hand", () => {
    const timings = [3, 5, 4].map((seconds) => ({ subject: "pulumi", seconds }));
    const text = etcdReport("Two become three", [...timings, { subject: "hand", seconds: 2 }], "pulumi", ["hand"]);
    assert.match(text, /^\| pulumi \| 4\.00 \| {2}\|\n\| hand \| 2\.00 \| 2\.00 \|$/m);
  });
});

describe("the services of the benchmark as a stack's file", () => {
  it("are those that SwarmService makes", () => {
    const { services, networks } = JSON.parse(stackFile(["bench-1"], "sha256:0", "bench", 2));
    const { deploy, ...container } = services["bench-1"];
    const shape = {
      ...{ serviceName: "bench-1", image: "sha256:0", networks: ["bench"], replicas: deploy.replicas, maxPerNode: 0 },
      ...{ constraints: [], endpointMode: "dnsrr", publish: [], command: container.command, labels: {} },
      ...{ environment: container.environment, healthcheck: undefined, capabilities: [], volume: undefined },
      ...{ update: {}, rollback: {}, stopGraceSec: undefined, secrets: [], configs: [] },
    } satisfies ServiceShape;
    const spec = JSON.parse(serviceParts(shape, "cluster").spec);
    const { ContainerSpec: own, RestartPolicy: restart, Networks: joined } = spec.TaskTemplate;
    assert.deepEqual(networks, { bench: { external: true } });
    assert.deepEqual(joined, [{ Target: "bench" }]);
    assert.deepEqual([own.Init, own.CapabilityDrop], [container.init, container.cap_drop]);
    assert.deepEqual(own.Env, ["REVISION=2"]);
    assert.deepEqual([restart.Condition, restart.Delay], [deploy.restart_policy.condition, 1e9]);
    const { Parallelism, Order, FailureAction } = spec.UpdateConfig;
    const { parallelism, order, failure_action } = deploy.update_config;
    assert.deepEqual([Parallelism, Order, FailureAction], [parallelism, order, failure_action]);
    assert.deepEqual([spec.EndpointSpec.Mode, spec.Mode.Replicated.Replicas], [deploy.endpoint_mode, deploy.replicas]);
  });
});
