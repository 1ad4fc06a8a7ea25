/** The marks of host-script/frame.sh. */
const [BEGIN, END, FOLD] = ["<dockernet:1>", "</dockernet:1>", "<dockernet:fold>"];

/** What a script printed between the marks, with its long lines whole; undefined where it has not printed both. */
export function unframed(printed: string | undefined): string | undefined {
  const from = printed?.indexOf(`${BEGIN}\n`) ?? -1;
  const to = printed?.lastIndexOf(END) ?? -1;
  if (printed === undefined || from < 0 || to < from) return undefined;
  return printed
    .slice(from + BEGIN.length + 1, to)
    .replace(/\n$/, "")
    .replaceAll(`${FOLD}\n`, "");
}

/** What was printed before the first mark, by a login shell for example. */
export const noiseBefore = (printed: string): string => printed.split(`${BEGIN}\n`)[0]?.trim() ?? "";
