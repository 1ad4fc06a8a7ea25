import { objectName, ownerOf } from "../../components/lib/identity.ts";
import type { Container } from "../host/containers.ts";
import { expectedMachines, machineNames, readMachines } from "../host/machines.ts";
import type { HostSession } from "../host/session.ts";
import { hostSessions } from "../host/sessions.ts";
import { identityOf } from "../state/environments.ts";
import type { Outputs } from "../state/outputs.ts";
import { machineFaults } from "./machine.ts";

/** A host of the environment, and what it is called. */
export interface EnvironmentHost {
  readonly name: string;
  /** Its name in the settings; undefined is the host that runs this command. */
  readonly on: string | undefined;
  readonly session: HostSession;
  /** What is wrong with the virtual machine that it is; undefined for any other host. */
  readonly machine?: () => Promise<Fault[]>;
}

/** An environment as its state has it, and the hosts on which it can be looked at. */
export interface Context {
  readonly environment: string;
  readonly outputs: Outputs;
  readonly here: EnvironmentHost;
  /** This host first. */
  readonly hosts: readonly EnvironmentHost[];
}

/** Something that is not as it should be. */
export interface Fault {
  /** A sentence without a full stop. */
  readonly title: string;
  /** A command that fixes it, where there is a short one. */
  readonly fix?: string | undefined;
  /** Whether it comes of another fault, somewhere. */
  readonly symptom?: true;
  /** Whether it keeps from looking at all: a host or an engine that does not answer. */
  readonly unseen?: true;
}

/** Faults, each once. */
export const distinct = (faults: readonly Fault[]): Fault[] => [
  ...new Map(faults.map((each) => [each.title, each])).values(),
];

export function contextOf(environment: string, outputs: Outputs): Context {
  const all = hostSessions(outputs.hosts);
  const here = { name: "this host", on: undefined, session: all(undefined) };
  const machines = machineNames(outputs.topology);
  const machine = (host: string) => async () => {
    const seen = await readMachines(here.session);
    const owner = ownerOf(identityOf(environment));
    const found = expectedMachines(machines, owner, seen)?.find((each) => each.host === host);
    return found ? machineFaults(found, environment) : [];
  };
  const hosts = Object.keys(outputs.hosts).map((on) => ({
    name: on,
    on,
    session: all(on),
    ...(machines.has(on) && { machine: machine(on) }),
  }));
  return { environment, outputs, here, hosts: [here, ...hosts] };
}

/** The host of that name; this one where there is none. */
export const environmentHost = ({ hosts, here }: Context, on: string | undefined): EnvironmentHost =>
  hosts.find((host) => host.on === on) ?? here;

/** Names that an object named by the user may have: as given, or with the environment's prefix. */
export const namesOf = ({ environment }: Context, base: string): string[] => [
  ...new Set([base, objectName(identityOf(environment), base)]),
];

/** The containers of a host, by name; none where its engine does not answer. */
export const containersOf = ({ session }: EnvironmentHost): Promise<ReadonlyMap<string, Container>> =>
  session.containers().catch(() => new Map());

/** What makes Pulumi put back what is not as the program says. */
export const upAgain = ({ environment }: Context): string => `npx pulumi up -s ${environment} --refresh`;
