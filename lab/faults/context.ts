import { objectName } from "../../components/lib/identity.ts";
import type { Container } from "../host/containers.ts";
import type { Machine } from "../host/machine.ts";
import { machines } from "../host/machines.ts";
import { identityOf } from "../state/environments.ts";
import type { Outputs } from "../state/outputs.ts";

/** A machine of the environment, and what it is called. */
export interface Place {
  readonly name: string;
  /** Its name among the hosts; undefined is the machine that runs this command. */
  readonly on: string | undefined;
  readonly machine: Machine;
}

/** An environment as its state has it, and the machines on which it can be looked at. */
export interface Context {
  readonly environment: string;
  readonly outputs: Outputs;
  readonly here: Place;
  /** This machine first. */
  readonly places: readonly Place[];
}

/** Something that is not as it should be. */
export interface Fault {
  /** A sentence without a full stop. */
  readonly says: string;
  /** A command that fixes it, where there is a short one. */
  readonly fix?: string | undefined;
  /** Whether it comes of another fault, somewhere. */
  readonly symptom?: true;
  /** Whether it keeps from looking at all: a machine or an engine that does not answer. */
  readonly unseen?: true;
}

/** Faults, each once. */
export const distinct = (faults: readonly Fault[]): Fault[] => [
  ...new Map(faults.map((each) => [each.says, each])).values(),
];

export function contextOf(environment: string, outputs: Outputs): Context {
  const all = machines(outputs.hosts);
  const here = { name: "this machine", on: undefined, machine: all(undefined) };
  const hosts = Object.keys(outputs.hosts).map((on) => ({ name: on, on, machine: all(on) }));
  return { environment, outputs, here, places: [here, ...hosts] };
}

/** The machine of that name among the hosts; this one where there is none. */
export const placeOf = ({ places, here }: Context, on: string | undefined): Place =>
  places.find((place) => place.on === on) ?? here;

/** What an object that somebody names may be called: just so, or with the environment's prefix. */
export const namesOf = ({ environment }: Context, base: string): string[] => [
  ...new Set([base, objectName(identityOf(environment), base)]),
];

/** The containers of a machine, by name; none where its engine does not answer. */
export const containersOf = ({ machine }: Place): Promise<ReadonlyMap<string, Container>> =>
  machine.containers().catch(() => new Map());

/** What makes Pulumi put back what is not as the program says. */
export const upAgain = ({ environment }: Context): string => `npx pulumi up -s ${environment} --refresh`;
