/** A file in an archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;

/** Packs files into a tar archive (POSIX ustar) that `tar` reads. Names have at most 100 characters. */
export function packArchive(files: readonly ArchiveFile[], time: Date): Buffer {
  const parts = files.flatMap(({ name, content }) => [
    header(name, content.length, time),
    content,
    Buffer.alloc(padding(content.length)),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Returns the files in an archive of {@link packArchive}; undefined if it is not one, or is truncated. */
export function unpackArchive(archive: Buffer): ArchiveFile[] | undefined {
  const files: ArchiveFile[] = [];
  let at = 0;
  for (;;) {
    const head = archive.subarray(at, at + BLOCK);
    if (head.length < BLOCK) return undefined;
    if (head.every((byte) => byte === 0)) return files;
    const size = Number.parseInt(field(head, 124, 12), 8);
    if (field(head, 257, 6) !== "ustar" || field(head, 148, 8) !== checksum(head) || !(size >= 0)) return undefined;
    const start = at + BLOCK;
    if (start + size > archive.length) return undefined;
    files.push({ name: field(head, 0, 100), content: archive.subarray(start, start + size) });
    at = start + size + padding(size);
  }
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;
const field = (head: Buffer, from: number, length: number): string =>
  head
    .subarray(from, from + length)
    .toString("latin1")
    .replace(/[\0 ].*$/s, "");

function header(name: string, size: number, time: Date): Buffer {
  const head = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  head.write(name, 0, 100, "latin1");
  head.write(octal(0o600, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(size, 11), 124);
  head.write(octal(Math.floor(time.getTime() / 1_000), 11), 136);
  head.write("0", 156);
  head.write("ustar\x0000", 257);
  head.write(`${checksum(head)}\0 `, 148);
  return head;
}

/** Returns the sum of a header's bytes, with the checksum field as spaces (pax(1), ustar). */
function checksum(head: Buffer): string {
  const sum = head.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  return sum.toString(8).padStart(6, "0");
}
