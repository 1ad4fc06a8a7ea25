/** A rectangle in the picture's coordinates. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const CLOSEST = 12;
const STEP = 1.25;
/** Maximum pointer movement in a click, in pixels. */
const SLACK = 5;
const GLIDE_MS = 220;

/**
 * Pans and zooms a picture by its viewBox: with mouse and touch, and for the keyboard through the returned functions.
 */
export function makeViewport(svg: SVGSVGElement) {
  const { x, y, width, height } = svg.viewBox.baseVal;
  const whole: Box = { x, y, width, height };
  let box = whole;
  let gliding = 0;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function put(next: Box): void {
    box = next;
    svg.setAttribute("viewBox", [next.x, next.y, next.width, next.height].join(" "));
    // One finger scrolls the page while the whole picture is visible, and pans a zoomed picture.
    svg.style.touchAction = next.width < whole.width || next.height < whole.height ? "none" : "pan-y";
  }

  function glide(to: Box): void {
    cancelAnimationFrame(gliding);
    if (calm.matches) {
      put(to);
      return;
    }
    const from = box;
    const began = performance.now();
    const frame = (now: number) => {
      // A frame's time may be earlier than the event that requested it.
      const part = Math.min(1, Math.max(0, now - began) / GLIDE_MS);
      const eased = 1 - (1 - part) ** 3;
      const between = (a: number, b: number) => a + (b - a) * eased;
      put({
        x: between(from.x, to.x),
        y: between(from.y, to.y),
        width: between(from.width, to.width),
        height: between(from.height, to.height),
      });
      if (part < 1) gliding = requestAnimationFrame(frame);
    };
    gliding = requestAnimationFrame(frame);
  }

  /** Converts window coordinates to the picture's. */
  function placeOf(clientX: number, clientY: number): DOMPoint {
    return new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM()?.inverse());
  }

  function zoomed(factor: number, at: { readonly x: number; readonly y: number }): Box {
    const size = Math.min(whole.width * 1.5, Math.max(whole.width / CLOSEST, box.width / factor));
    const scale = size / box.width;
    return {
      x: at.x - (at.x - box.x) * scale,
      y: at.y - (at.y - box.y) * scale,
      width: size,
      height: box.height * scale,
    };
  }
  const centre = () => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const moved = (dx: number, dy: number): Box => ({ ...box, x: box.x + dx, y: box.y + dy });

  const pointers = new Map<number, PointerEvent>();
  let dragged = false;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (pointers.size === 0) dragged = false;
    pointers.set(event.pointerId, event);
  });
  svg.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const [a, b] = [placeOf(before.clientX, before.clientY), placeOf(event.clientX, event.clientY)];
    if (!dragged && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < SLACK) return;
    dragged = true;
    cancelAnimationFrame(gliding);
    // Capture the pointer only now: a click must reach the element below it.
    svg.setPointerCapture(event.pointerId);
    const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    if (!other) return put(moved(a.x - b.x, a.y - b.y));
    const still = placeOf(other.clientX, other.clientY);
    const apart = (p: DOMPoint) => Math.hypot(p.x - still.x, p.y - still.y);
    put(zoomed(apart(b) / Math.max(apart(a), 1), still));
  });
  for (const end of ["pointerup", "pointercancel"] as const)
    svg.addEventListener(end, (event) => pointers.delete(event.pointerId));
  svg.addEventListener("click", (event) => dragged && event.stopPropagation(), { capture: true });
  svg.addEventListener(
    "wheel",
    (event) => {
      const page = document.documentElement;
      // If the page can scroll, the wheel scrolls it.
      if (page.scrollHeight > page.clientHeight + 1 && !event.ctrlKey) return;
      event.preventDefault();
      cancelAnimationFrame(gliding);
      put(zoomed(Math.exp(-event.deltaY * 0.0015), placeOf(event.clientX, event.clientY)));
    },
    { passive: false },
  );
  put(whole);

  return {
    zoom: (direction: 1 | -1) => glide(zoomed(STEP ** direction, centre())),
    /** Pans by parts of the visible area. */
    pan: (right: number, down: number) => glide(moved(box.width * right, box.height * down)),
    whole: () => glide(whole),
    /** Shows this part with a margin, as large as possible. */
    fit: ({ x, y, width, height }: Box) => {
      const [wide, high] = [Math.max(width * 1.15, whole.width / 4), Math.max(height * 1.15, whole.height / 6)];
      glide({ x: x + width / 2 - wide / 2, y: y + height / 2 - high / 2, width: wide, height: high });
    },
    /** Pans as little as needed to show this part. */
    reveal: (part: Box) => {
      const shift = (at: number, size: number, start: number, seen: number) =>
        size > seen ? 0 : Math.min(0, at - start) + Math.max(0, at + size - start - seen);
      const [dx, dy] = [shift(part.x, part.width, box.x, box.width), shift(part.y, part.height, box.y, box.height)];
      if (dx !== 0 || dy !== 0) glide(moved(dx, dy));
    },
  };
}
