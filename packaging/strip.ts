// A program for Linux without what only debuggers read.

/** Offsets in the head of a 64-bit ELF file, and in a program header (elf(5)). */
const head = { magic: 0x464c457f, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shnum: 60, shstrndx: 62 };
const segment = { offset: 8, fileSize: 32 };

/**
 * Gives a 64-bit little-endian ELF program without its sections, symbols and debugging information: up to the end of the last segment,
 * which is all that the kernel and the dynamic linker read.
 */
export function strip(program: Buffer): Buffer {
  if (program.readUInt32LE(0) !== head.magic || program[4] !== 2 || program[5] !== 1)
    throw new Error('That is no 64-bit little-endian ELF program.');
  const [first, size] = [Number(program.readBigUInt64LE(head.phoff)), program.readUInt16LE(head.phentsize)];
  const ends = Array.from({ length: program.readUInt16LE(head.phnum) }, (_, n) => {
    const at = first + n * size;
    return Number(
      program.readBigUInt64LE(at + segment.offset) + program.readBigUInt64LE(at + segment.fileSize),
    );
  });
  const stripped = Buffer.from(program.subarray(0, Math.max(...ends)));
  stripped.writeBigUInt64LE(0n, head.shoff);
  stripped.writeUInt16LE(0, head.shnum);
  stripped.writeUInt16LE(0, head.shstrndx);
  return stripped;
}
