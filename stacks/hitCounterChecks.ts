/** What the hit counter answers, with the short id of its container. */
export const GREETING = "^Hello Container World! I have been seen \\d+ times and my hostname is [0-9a-f]{12}\\.$";
/** How many visits the counting check makes at once. */
export const VISITS = 200;
