import { errorTail } from "./run.ts";

/** Explanations of file errors, by error code. */
const REASONS: Readonly<Record<string, string>> = {
  EROFS: "its file system is mounted read-only",
  EACCES: "permission denied; run as the owner of the file, or in your own clone",
  EPERM: "operation not permitted; run as the owner of the file, or in your own clone",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOENT: "it does not exist",
  ENOTDIR: "part of its path is not a folder",
  EISDIR: "it is a folder",
};

/** Describes an error of a system call or of a command in one sentence; undefined for any other error. */
export function systemProblem(error: unknown): string | undefined {
  const { code, syscall, path, cmd } = error as NodeJS.ErrnoException & { readonly cmd?: string };
  if (syscall?.startsWith("spawn")) {
    return code === "ENOENT"
      ? `the program ${path} is missing: install it, or run npm run setup`
      : `could not start the program ${path}: ${code}`;
  }
  if (syscall && path && code) return `cannot access ${path} (${syscall}): ${REASONS[code] ?? code}`;
  // A failed command, with its output.
  if (cmd) return `${cmd.split("\n", 1)[0]?.slice(0, 200)} failed:\n${errorTail(error)}`;
  return undefined;
}
