/** Quotes a string as one word of POSIX sh. */
export const quote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
