/**
 * Where log lines go: standard output, or a file. What cannot be written is lost, counted and told on standard error; it never makes
 * anybody wait, and never ends the process.
 */
import { createWriteStream, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setSystemTimer } from '../runtime/clock.ts';
import type { Stopwatch } from '../runtime/clock.ts';

export interface LogOutput {
  /** Takes a line with its end; never throws and never waits. */
  readonly write: (line: string) => void;
  /** Opens the file by its name anew; nothing on standard output. */
  readonly reopen: () => void;
  /** Resolves once what it took is written, or a moment later. */
  readonly close: () => Promise<void>;
}

/** A file of the log, put aside at `maxBytes` (0: never) as `.1` up to `.<kept>`. */
interface LogFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly kept: number;
}

interface OutputDeps extends Stopwatch {
  readonly file: LogFileOptions | null;
  /** Hears of each line that is lost. */
  readonly onLost: () => void;
  readonly tell?: (text: string) => void;
}

/** What waits for a reader that does not read, or a disk that does not write; more is lost. */
const maxPendingBytes = 1024 * 1024;
/** How long the end of the service waits for what is not written yet. */
const closeLimitMs = 1000;
/** A file that could not be opened or written is left alone for so long. */
const reopenAfterMs = 1000;
const tellEveryMs = 60_000;

export function openLogOutput({
  file,
  monotonic,
  onLost,
  tell = tellOnStandardError,
}: OutputDeps): LogOutput {
  const losses = new Losses(monotonic, onLost, tell);
  // Each write tells by itself that it failed; without a listener, to the very end, it would end the process as well.
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  return file === null ? openStandardOutput(losses) : new LogFile(file, monotonic, losses);
}

function ignore(): void {
  // Told by whoever wrote.
}

/**
 * Node's own stream does not wait for a reader of a pipe or a socket, as journald's and a container's are. A descriptor written to by
 * threads would: one that nobody reads would hold up the end of the process as well.
 */
function openStandardOutput(losses: Losses): LogOutput {
  const { stdout } = process;
  return {
    write: (line) => add(stdout, line, losses),
    reopen: ignore,
    close: () => within((done) => stdout.write('', done)),
  };
}

class LogFile implements LogOutput {
  readonly #options: LogFileOptions;
  readonly #monotonic: Stopwatch['monotonic'];
  readonly #losses: Losses;
  #stream: Writable | null = null;
  /** Of files that were put aside, and whose last lines are on their way. */
  readonly #ending = new Set<Writable>();
  #bytes = 0;
  /** Whether the name is that of a file, and not of a pipe or a device, which nobody puts aside. */
  #isFile = false;
  #openAt = Number.NEGATIVE_INFINITY;

  constructor(options: LogFileOptions, monotonic: Stopwatch['monotonic'], losses: Losses) {
    this.#options = options;
    this.#monotonic = monotonic;
    this.#losses = losses;
    this.#open();
  }

  readonly write = (line: string): void => {
    if (this.#stream === null && this.#monotonic() >= this.#openAt) this.#open();
    if (this.#stream === null) {
      this.#losses.lose();
      return;
    }
    add(this.#stream, line, this.#losses);
    this.#bytes += Buffer.byteLength(line);
    const { maxBytes } = this.#options;
    if (this.#isFile && maxBytes > 0 && this.#bytes >= maxBytes) this.#putAside();
  };

  /** What the old stream holds still goes to the file that it has, whatever its name is by now. */
  readonly reopen = (): void => {
    this.#end();
    this.#open();
  };

  readonly close = async (): Promise<void> => {
    this.#end();
    const ending = [...this.#ending];
    const ended = Promise.all(ending.map((stream) => finished(stream).catch(ignore)));
    await within((done) => void ended.then(done));
    // What nobody reads would hold up the end of the process.
    for (const stream of ending) stream.destroy();
  };

  #end(): void {
    const stream = this.#stream;
    if (stream === null) return;
    this.#stream = null;
    this.#ending.add(stream);
    stream.once('close', () => this.#ending.delete(stream));
    stream.end();
  }

  #open(): void {
    const { path } = this.#options;
    this.#stream = null;
    this.#openAt = this.#monotonic() + reopenAfterMs;
    try {
      const fd = openSync(path, 'a+', 0o640);
      const found = fstatSync(fd);
      this.#isFile = found.isFile();
      this.#bytes = this.#isFile ? found.size : 0;
      const stream: Writable = found.isFIFO() ? openPipe(fd) : createWriteStream(path, { fd });
      stream.on('error', (error) => {
        this.#losses.explain(error);
        if (this.#stream !== stream) return;
        this.#stream = null;
        this.#openAt = this.#monotonic() + reopenAfterMs;
      });
      this.#stream = stream;
      // What a full disk cut off stays a line of its own.
      if (this.#bytes > 0 && !endsLine(fd, this.#bytes)) stream.write('\n');
    } catch (error) {
      this.#losses.explain(error);
    }
  }

  #putAside(): void {
    const { path, kept } = this.#options;
    const name = (age: number): string => (age === 0 ? path : `${path}.${age}`);
    try {
      for (let age = kept - 1; age >= 0; age--)
        if (existsSync(name(age))) renameSync(name(age), name(age + 1));
      this.reopen();
    } catch (error) {
      this.#bytes = 0;
      this.#losses.explain(error);
    }
  }
}

/** Tells of losses at once, and then at most once a minute. */
class Losses {
  readonly #monotonic: Stopwatch['monotonic'];
  readonly #onLost: () => void;
  readonly #tell: (text: string) => void;
  #lines = 0;
  #tellAt = Number.NEGATIVE_INFINITY;

  constructor(monotonic: Stopwatch['monotonic'], onLost: () => void, tell: (text: string) => void) {
    this.#monotonic = monotonic;
    this.#onLost = onLost;
    this.#tell = tell;
  }

  lose(error?: unknown): void {
    this.#lines += 1;
    this.#onLost();
    if (error !== undefined) this.explain(error);
  }

  explain(error: unknown): void {
    const at = this.#monotonic();
    if (at < this.#tellAt) return;
    this.#tellAt = at + tellEveryMs;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    this.#tell(`The log cannot be written (${code}); ${this.#lines} lines are lost. The service goes on.\n`);
  }
}

function add(stream: Writable, line: string, losses: Losses): void {
  if (stream.writableLength > maxPendingBytes) {
    losses.lose('nobody reads it, or the disk is too slow');
    return;
  }
  stream.write(line, (error) => {
    if (error) losses.lose(error);
  });
}

/** Does not wait for a reader, as a thread that writes would. */
function openPipe(fd: number): Writable {
  const pipe = new Socket({ fd, readable: false, writable: true });
  pipe.unref();
  return pipe;
}

function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function within(end: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const cancel = setSystemTimer(resolve, closeLimitMs);
    end(() => {
      cancel();
      resolve();
    });
  });
}

function tellOnStandardError(text: string): void {
  process.stderr.write(text);
}
