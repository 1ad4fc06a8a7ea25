/** Whether a web address answers at all within a few seconds. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  );
