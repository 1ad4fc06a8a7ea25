import { objectName, ownerOf } from "../../components/lib/identity.ts";
import type { Container } from "../host/containers.ts";
import { expectedMachines, machineNames, readMachines } from "../host/machines.ts";
import type { HostSession } from "../host/session.ts";
import { hostSessions } from "../host/sessions.ts";
import { identityOf } from "../state/environments.ts";
import type { Outputs } from "../state/outputs.ts";
import { machineFaults } from "./machine.ts";

/** A host of the environment. */
export interface EnvironmentHost {
  readonly name: string;
  /** Name in the settings; undefined for the host that runs this command. */
  readonly on: string | undefined;
  readonly session: HostSession;
  /** Returns the faults of its virtual machine; undefined for any other host. */
  readonly machine?: () => Promise<Fault[]>;
}

/** An environment as recorded in its state, and the hosts that can be inspected. */
export interface Context {
  readonly environment: string;
  readonly outputs: Outputs;
  readonly here: EnvironmentHost;
  /** This host first. */
  readonly hosts: readonly EnvironmentHost[];
}

/** A difference from the expected environment. */
export interface Fault {
  /** A sentence without a full stop. */
  readonly title: string;
  /** A command that fixes it, if there is a short one. */
  readonly fix?: string | undefined;
  /** Whether another fault, possibly elsewhere, causes it. */
  readonly symptom?: true;
  /** Whether it prevents inspection: a host or an engine does not answer. */
  readonly unseen?: true;
}

/** Removes duplicate faults. */
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

/** Returns the host of that name; this host if there is none. */
export const environmentHost = ({ hosts, here }: Context, on: string | undefined): EnvironmentHost =>
  hosts.find((host) => host.on === on) ?? here;

/** Returns the names that an object named by the user may have: as given, or with the environment's prefix. */
export const namesOf = ({ environment }: Context, base: string): string[] => [
  ...new Set([base, objectName(identityOf(environment), base)]),
];

/** Returns the containers of a host, by name; none if its engine does not answer. */
export const containersOf = ({ session }: EnvironmentHost): Promise<ReadonlyMap<string, Container>> =>
  session.containers().catch(() => new Map());

/** Returns the command that makes Pulumi restore everything to what the program declares. */
export const upAgain = ({ environment }: Context): string => `npx pulumi up -s ${environment} --refresh`;
