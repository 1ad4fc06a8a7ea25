/** The marks of host-script/frame.sh. */
const [BEGIN, END, FOLD] = ["<dockernet:1>", "</dockernet:1>", "<dockernet:fold>"];

/** The output of a script between the marks, with long lines joined; undefined if a mark is missing. */
export function unframed(printed: string | undefined): string | undefined {
  const from = printed?.indexOf(`${BEGIN}\n`) ?? -1;
  const to = printed?.lastIndexOf(END) ?? -1;
  if (printed === undefined || from < 0 || to < from) return undefined;
  return printed
    .slice(from + BEGIN.length + 1, to)
    .replace(/\n$/, "")
    .replaceAll(`${FOLD}\n`, "");
}

/** The output before the first mark, for example from a login shell. */
export const noiseBefore = (printed: string): string => printed.split(`${BEGIN}\n`)[0]?.trim() ?? "";
