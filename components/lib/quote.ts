/** A string as one word of POSIX sh, whatever it holds. */
export const quote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
