// Writes the framing of a chunked body anew where it is not quite HTTP/1.1, before the strict parser sees it.

/** Bytes of a line that are waited for; a longer one tells no size. */
const maxLineBytes = 16 * 1024;
/** Blanks around the size, and whatever an extension says behind it. */
const sizeLine = /^[ \t]*([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i;
const sizeStart = /^[ \t]*[0-9a-f]{0,13}[ \t]*(?:;.*)?$/i;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const none = Buffer.alloc(0);
const lineEnd = Buffer.from('\r\n');

/**
 * The chunks of one body, as they come: sizes with blanks around them, extensions that are none, bare line feeds, trailers and a
 * last blank line that never comes are no reason to lose what was said. What tells no size is handed on as it is, for the parser to
 * refuse.
 */
export class LooseChunks {
  #state: 'size' | 'data' | 'after data' | 'trailers' | 'over' | 'lost' = 'size';
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  /** The beginning of a line whose end has not come. */
  #line: Buffer = none;

  /** What stands for these bytes; may be empty. */
  take(bytes: Buffer): Buffer {
    if (this.#state === 'lost') return bytes;
    if (this.#state === 'data' && this.#left >= bytes.byteLength) return this.#takeData(bytes);
    const out: Buffer[] = [];
    let rest = this.#line.byteLength === 0 ? bytes : Buffer.concat([this.#line, bytes]);
    this.#line = none;
    while (rest.byteLength > 0 && this.#state !== 'over') {
      if (this.#state === 'data') {
        const data = rest.subarray(0, this.#left);
        out.push(this.#takeData(data));
        rest = rest.subarray(data.byteLength);
        continue;
      }
      const end = rest.indexOf(lineFeed);
      if (end < 0 && rest.byteLength < maxLineBytes && this.#mayEndLine(rest)) {
        this.#line = rest;
        break;
      }
      const line = rest.toString('latin1', 0, Math.max(0, rest[end - 1] === carriageReturn ? end - 1 : end));
      const written = end < 0 ? undefined : this.#takeLine(line);
      if (written === undefined) {
        this.#state = 'lost';
        out.push(rest);
        break;
      }
      out.push(written);
      rest = rest.subarray(end + 1);
    }
    return out.length === 1 ? (out[0] ?? none) : Buffer.concat(out);
  }

  /** What stands for the end of the connection: a body whose last chunk has come is whole. */
  end(): Buffer {
    return this.#state === 'trailers' ? lineEnd : none;
  }

  #takeData(data: Buffer): Buffer {
    this.#left -= data.byteLength;
    if (this.#left === 0) this.#state = 'after data';
    return data;
  }

  /** Whether the beginning of a line may become one that may stand here. */
  #mayEndLine(rest: Buffer): boolean {
    if (this.#state === 'trailers') return true;
    const text = rest.toString('latin1').replace(/\r$/, '');
    return this.#state === 'size' ? sizeStart.test(text) : text === '';
  }

  /** A line as the parser takes it; undefined when it is none that may stand here. */
  #takeLine(line: string): Buffer | undefined {
    if (this.#state === 'after data') {
      this.#state = 'size';
      return line === '' ? lineEnd : undefined;
    }
    if (this.#state === 'trailers') {
      if (line !== '') return none;
      this.#state = 'over';
      return lineEnd;
    }
    const size = sizeLine.exec(line)?.[1];
    if (size === undefined) return undefined;
    this.#left = parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
    return Buffer.from(`${size}\r\n`);
  }
}
