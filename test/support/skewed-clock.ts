// Loaded before a program (`node --import`), sets its clock ahead by the milliseconds that the file CLOCK_FILE says, from the moment on
// that it says so. Only the clock: what is monotonic, and timers, go on as they do.
import { readFileSync } from 'node:fs';

const file = process.env['CLOCK_FILE'];
if (file === undefined) throw new Error('CLOCK_FILE has to be set.');

/** How often the file is looked at. */
const lookMs = 20;

const now = Date.now;
let aheadMs = 0;
let lookedAt = Number.NEGATIVE_INFINITY;

const skewedNow = (): number => {
  const at = performance.now();
  if (at - lookedAt > lookMs) {
    lookedAt = at;
    // A file that is being written is read the next time.
    const said = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (!Number.isNaN(said)) aheadMs = said;
  }
  return now() + aheadMs;
};

globalThis.Date = new Proxy(Date, {
  construct: (target, values, made) =>
    Reflect.construct(target, values.length === 0 ? [skewedNow()] : values, made) as Date,
  apply: () => new Date(skewedNow()).toString(),
  get: (target, name, self) => (name === 'now' ? skewedNow : (Reflect.get(target, name, self) as unknown)),
});
