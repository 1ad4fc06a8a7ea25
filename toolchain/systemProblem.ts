import { errorTail } from "./run.ts";

/** Why the system refused a file, by the code of its error. */
const REASONS: Readonly<Record<string, string>> = {
  EROFS: "its file system is mounted read-only",
  EACCES: "this user may not; work as the user whose file it is, or in a clone of your own",
  EPERM: "this user may not; work as the user whose file it is, or in a clone of your own",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is not a folder",
  EISDIR: "it is a folder",
};

/** What the system or a command that was run said, as a sentence; undefined for an error of another kind. */
export function systemProblem(error: unknown): string | undefined {
  const { code, syscall, path, cmd } = error as NodeJS.ErrnoException & { readonly cmd?: string };
  if (syscall?.startsWith("spawn")) {
    return code === "ENOENT"
      ? `the program ${path} is missing: install it, or run npm run setup`
      : `the program ${path} could not be started: ${code}`;
  }
  if (syscall && path && code) return `${path} cannot be used (${syscall}): ${REASONS[code] ?? code}`;
  // What a command printed when it failed.
  if (cmd) return `${cmd.split("\n", 1)[0]?.slice(0, 200)} failed:\n${errorTail(error)}`;
  return undefined;
}
