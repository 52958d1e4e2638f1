// Loaded before a program (`node --import`), makes its clock go CLOCK_SPEED times as fast from CLOCK_START on, so that hours of
// tokens and visibilities pass within seconds; less than 1 holds it up. What is monotonic goes as fast, and so nothing speaks against it;
// timers go on as they do; every process that is given the same two agrees on the time. With CLOCK_FILE it goes like any other at first,
// and so fast only from the time on that is in that file once it is there.
import { readFileSync } from 'node:fs';

const speed = Number(process.env['CLOCK_SPEED']);
const start = Number(process.env['CLOCK_START']);
if (!(speed > 0) || !(start > 0)) throw new Error('CLOCK_SPEED and CLOCK_START have to be set.');

const now = Date.now;
const monotonic = performance.now.bind(performance);

/** How often the file is looked for. */
const lookMs = 20;
const file = process.env['CLOCK_FILE'];
let lookedAt = Number.NEGATIVE_INFINITY;
/** From when on it goes so fast: by the machine's clock, and by what is monotonic. */
const since = { time: Number.POSITIVE_INFINITY, monotonic: Number.POSITIVE_INFINITY };

function begin(time: number): void {
  since.time = time;
  since.monotonic = monotonic() - (now() - time);
}

if (file === undefined) begin(start);

function look(): void {
  if (file === undefined || since.time < Number.POSITIVE_INFINITY || monotonic() - lookedAt < lookMs) return;
  lookedAt = monotonic();
  try {
    const time = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // One that is being written is read the next time.
    if (!Number.isNaN(time)) begin(time);
  } catch {
    // It is not there yet.
  }
}

/** What the clock has gone further than the machine's since then; less than nothing where it is held up. */
const toGain = (elapsedMs: number): number => Math.max(0, elapsedMs) * (speed - 1);

const fastNow = (): number => {
  look();
  return Math.floor(now() + toGain(now() - since.time));
};

globalThis.Date = new Proxy(Date, {
  construct: (target, values, made) =>
    Reflect.construct(target, values.length === 0 ? [fastNow()] : values, made) as Date,
  apply: () => new Date(fastNow()).toString(),
  get: (target, name, self) => (name === 'now' ? fastNow : (Reflect.get(target, name, self) as unknown)),
});

performance.now = () => {
  look();
  return monotonic() + toGain(monotonic() - since.monotonic);
};
