// Loaded before a program (`node --import`), makes its clock go CLOCK_SPEED times as fast from CLOCK_START on, so that hours of
// tokens and visibilities pass within seconds. What is monotonic goes as fast, and so nothing speaks against it; timers go on as they do; every process that is given the same two agrees on the time.
const speed = Number(process.env['CLOCK_SPEED']);
const start = Number(process.env['CLOCK_START']);
if (!(speed >= 1) || !(start > 0)) throw new Error('CLOCK_SPEED and CLOCK_START have to be set.');

const now = Date.now;
const fastNow = (): number => Math.floor(start + (now() - start) * speed);

globalThis.Date = new Proxy(Date, {
  construct: (target, values, made) =>
    Reflect.construct(target, values.length === 0 ? [fastNow()] : values, made) as Date,
  apply: () => new Date(fastNow()).toString(),
  get: (target, name, self) => (name === 'now' ? fastNow : (Reflect.get(target, name, self) as unknown)),
});

const monotonic = performance.now.bind(performance);
performance.now = () => monotonic() * speed;
