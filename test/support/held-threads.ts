// Loaded before a program (`node --import`), holds every thread that it starts until the file HOLD_UNTIL is there.
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['HOLD_UNTIL'] ?? '';
const cell = new Int32Array(new SharedArrayBuffer(4));
while (!isMainThread && !existsSync(file)) Atomics.wait(cell, 0, 0, 20);
