import { setTimeout } from "node:timers/promises";
import type { Fault, Outturn, World } from "./fault.ts";

/** Time for leftovers to disappear by themselves, such as an exiting process, in seconds. */
const SETTLING_SEC = 15;
/** Time limit until all checks pass, without and with a repair, in seconds. */
const PATIENCE_SEC = { unaided: 120, healed: 45 };

/** Causes a fault once in a healthy world and returns the result. Afterwards the world is in its initial state. */
export async function strike<W extends World>(fault: Fault<W>, world: W): Promise<Outturn> {
  const problems: string[] = [];
  let began = performance.now();
  const { said, end } = await fault.inject(world);
  try {
    for (const pattern of fault.says) if (!pattern.test(said)) problems.push(`it does not say ${pattern}`);
  } finally {
    await end?.();
  }
  if (fault.heal) {
    began = performance.now();
    await fault.heal(world);
  }
  const wrong = await eventually(
    fault.outcome === "gone" ? world.remains : world.problems,
    PATIENCE_SEC[fault.heal ? "healed" : "unaided"] * (world.slowness ?? 1),
  );
  const recoverySec = wrong.left.length === 0 ? (wrong.at - began) / 1000 : undefined;
  problems.push(...wrong.left);
  await world.reset();
  const leftovers = (await eventually(world.leftovers, SETTLING_SEC)).left;
  problems.push(...(await world.lost()), ...leftovers.map((each) => `left over: ${each}`));
  return { survived: problems.length === 0, recoverySec, leftovers, problems, said, measured: world.measured?.() };
}

/** Polls until there are no problems or the time limit is reached; returns the problems and start of the last look. */
export async function eventually(
  look: () => Promise<string[]>,
  seconds: number,
): Promise<{ left: string[]; at: number }> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const at = performance.now();
    const left = await look();
    if (left.length === 0 || at > end) return { left, at };
    await setTimeout(500);
  }
}
