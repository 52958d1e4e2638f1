// Arrays as parameters in the database's own binary form: nothing is escaped, quoted or parsed on the way, which for the
// bodies and numbers of a batch costs a fraction of JSON or of array literals.

/** Type numbers of elements, as PostgreSQL has them (pg_type.dat). */
const elementTypes = { int8: 20, bytea: 17, text: 25 } as const;
const headerBytes = 20;
const two32 = 2 ** 32;

/** A bigint[]; whole numbers within 2^53, or null. */
export function int8s(values: readonly (number | null)[]): Buffer {
  const filled = values.reduce<number>((sum, value) => sum + (value === null ? 0 : 8), 0);
  const buffer = openArray(elementTypes.int8, values.length, filled + 4 * values.length);
  let at = headerBytes;
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    at = buffer.writeInt32BE(8, at);
    at = buffer.writeInt32BE(Math.floor(value / two32), at);
    at = buffer.writeUInt32BE(((value % two32) + two32) % two32, at);
  }
  return buffer;
}

/** A text[]; halves of surrogate pairs, and the character that ends strings in C, are replaced, because no text column holds them. */
export function texts(values: readonly (string | null)[]): Buffer {
  const clean = values.map((value) =>
    value === null ? null : (value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value).toWellFormed(),
  );
  const sizes = clean.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  const buffer = openArray(elementTypes.text, sizes.length, toBytes(sizes));
  let at = headerBytes;
  clean.forEach((value, index) => {
    at = buffer.writeInt32BE(sizes[index] ?? -1, at);
    if (value !== null) at += buffer.write(value, at);
  });
  return buffer;
}

/** A bytea[]. */
export function byteas(values: readonly (Uint8Array | null)[]): Buffer {
  const sizes = values.map((value) => value?.byteLength ?? -1);
  const buffer = openArray(elementTypes.bytea, sizes.length, toBytes(sizes));
  let at = headerBytes;
  values.forEach((value, index) => {
    at = buffer.writeInt32BE(sizes[index] ?? -1, at);
    if (value === null) return;
    buffer.set(value, at);
    at += value.byteLength;
  });
  return buffer;
}

function toBytes(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), 0);
}

/** An array of one dimension with its header written: dimensions, whether there may be nulls, type, length, first index. */
function openArray(type: number, length: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(headerBytes + bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(type, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}
