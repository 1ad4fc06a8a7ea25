import type { Box } from "./viewport.ts";

/** A direction: left, right, up or down. */
export type Towards = readonly [right: -1 | 0 | 1, down: -1 | 0 | 1];

/** The nearest item in a direction; sideways distance counts twice. */
export function nearest<T>(from: T, all: readonly T[], [right, down]: Towards, boxOf: (each: T) => Box): T | undefined {
  const start = centre(boxOf(from));
  const distances = all.flatMap((each) => {
    const { x, y } = centre(boxOf(each));
    const [dx, dy] = [x - start.x, y - start.y];
    const ahead = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    return each === from || ahead <= 0 ? [] : [{ each, distance: ahead + 2 * aside }];
  });
  return distances.sort((a, b) => a.distance - b.distance)[0]?.each;
}

const centre = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 });
