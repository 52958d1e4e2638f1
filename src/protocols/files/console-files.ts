// The files of the console's build, read once and kept in memory: however many ask, one file is open at a time.
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { toUnchanging } from '../../http/fixed-answer.ts';
import type { Unchanging } from '../../http/fixed-answer.ts';

interface Kept {
  readonly answer: Unchanging;
  /** Of the file as it was read; another one is read anew. */
  readonly version: string;
  readonly bytes: number;
}

/** Beyond it the files of builds before this one are forgotten, and the others read again. */
const maxKeptBytes = 64 * 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Holds the files of a folder that may appear, and change, while the service runs. */
export class Files {
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  /** The read under way; the next one waits for it. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Resolves to a file by its path below the folder, with the codings that lie beside it as `.br` and `.gz`; undefined when there is
   * none. Rejects as the file system does otherwise.
   */
  async find(path: string): Promise<Unchanging | undefined> {
    const version = await this.#look(path);
    if (version === undefined) return undefined;
    const kept = this.#kept.get(path);
    return kept?.version === version ? kept.answer : this.#readInTurn(path);
  }

  #readInTurn(path: string): Promise<Unchanging | undefined> {
    const reading = this.#reading.then(async () => {
      const version = await this.#look(path);
      if (version === undefined) return undefined;
      const kept = this.#kept.get(path);
      return kept?.version === version ? kept.answer : this.#read(path, version);
    });
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #look(path: string): Promise<string | undefined> {
    const found = await orMissing(stat(join(this.#folder, path)));
    return found?.isFile() === true ? `${found.mtimeMs} ${found.size} ${found.ino}` : undefined;
  }

  async #read(path: string, version: string): Promise<Unchanging | undefined> {
    const file = join(this.#folder, path);
    const plain = await orMissing(readFile(file));
    if (plain === undefined) return undefined;
    const coded: (readonly [string, Buffer])[] = [];
    for (const [coding, suffix] of [
      ['br', '.br'],
      ['gzip', '.gz'],
    ] as const) {
      const bytes = await orMissing(readFile(file + suffix));
      if (bytes !== undefined) coded.push([coding, bytes]);
    }
    const answer = toUnchanging(types[extname(path)] ?? 'application/octet-stream', plain, coded);
    this.#keep(path, {
      answer,
      version,
      bytes: coded.reduce((sum, [, bytes]) => sum + bytes.byteLength, plain.byteLength),
    });
    return answer;
  }

  #keep(path: string, kept: Kept): void {
    this.#bytes += kept.bytes - (this.#kept.get(path)?.bytes ?? 0);
    if (this.#bytes > maxKeptBytes) {
      this.#kept.clear();
      this.#bytes = kept.bytes;
    }
    this.#kept.set(path, kept);
  }
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
