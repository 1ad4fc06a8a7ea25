import type { Kind } from "./catalogue.ts";
import type { Fault, Outturn, World } from "./fault.ts";
import type { Result } from "./results.ts";
import { strike } from "./strike.ts";

/** Causes faults one after the other; faults of a kind share a world as long as it stays healthy. */
export async function makeFaults(
  kinds: readonly Kind[],
  times: number,
  told: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const { make, faults } of kinds) {
    const world = renewable(make);
    try {
      for (const fault of faults) {
        const result = await makeFault(fault, world, times);
        told(result);
        results.push(result);
      }
    } finally {
      await world.discard();
    }
  }
  return results;
}

/** A world that is created on demand, and again after it was discarded. */
export interface Renewable {
  readonly get: () => Promise<World>;
  readonly discard: () => Promise<void>;
}

export function renewable(make: () => Promise<World>): Renewable {
  let world: World | undefined;
  return {
    get: async () => {
      world ??= await make();
      return world;
    },
    discard: async () => {
      const old = world;
      world = undefined;
      await old?.close();
    },
  };
}

/** Causes a fault once; discards the world if the fault leaves it broken. */
export async function makeOnce(fault: Fault, world: Renewable): Promise<Outturn> {
  const made = async () => strike(fault, await world.get());
  const outturn = await made().catch(
    (error: Error): Outturn => ({
      survived: false,
      recoverySec: undefined,
      leftovers: [],
      problems: [error.message],
      said: "",
    }),
  );
  if (!outturn.survived) await world.discard();
  return outturn;
}

async function makeFault(fault: Fault, world: Renewable, times: number): Promise<Result> {
  const { id, title, protects, way, says } = fault;
  const at = new Date().toISOString();
  const outturns: Outturn[] = [];
  while (outturns.length < times) outturns.push(await makeOnce(fault, world));
  return { id, title, protects, way, saying: says.at(-1)?.source ?? "", at, outturns };
}
