// `chasqui simulate <vendor>`: plays a vendor's API and webhooks, for callback code to be tried without an account there.
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import { GatewayError } from '../domain/errors.ts';
import { openClient } from '../http/client.ts';
import { instagram, messenger } from '../simulators/messaging/vendor.ts';
import { openSimulator, parseFaults } from '../simulators/simulator.ts';
import type { Simulator, Vendor } from '../simulators/simulator.ts';
import { whatsapp } from '../simulators/whatsapp/vendor.ts';
import type { LedgerEntry } from '../simulators/ledger.ts';
import { viberBot } from '../simulators/viber/bot.ts';
import { viberBusiness } from '../simulators/viber/business.ts';
import { openOutput, toTable } from './output.ts';
import type { Output } from './output.ts';
import type { Stopwatch } from '../runtime/clock.ts';

/** Every vendor that can be simulated. */
const vendors: readonly Vendor[] = [whatsapp, messenger, instagram, viberBot, viberBusiness];

/** A simulator posts to whoever runs it: addresses inside are what it is for, those of a cloud's own metadata are not. */
const reachable = ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

/** The settings of the frame; a vendor's own are beside them, all of them text. */
interface SimulateOptions {
  readonly host: string;
  readonly port: number;
  readonly seed: string;
  readonly faults: string;
  readonly speed: number;
  readonly messages: number;
  readonly rate: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Adds a command for each vendor to `parent`. */
export function addVendorCommands(parent: Command, stopwatch: Stopwatch): void {
  for (const vendor of vendors) addVendorCommand(parent, vendor, stopwatch);
}

function addVendorCommand(parent: Command, vendor: Vendor, { monotonic }: Stopwatch): void {
  const command = parent
    .command(vendor.name)
    .description(vendor.description)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 takes any free one', toNumber, 0)
    .option('--seed <text>', 'what chance is drawn from; the same seed plays the same', '1')
    .option('--faults <list>', 'likelihoods, e.g. duplicate=0.1', '')
    .option('--speed <n>', "how much shorter the vendor's waits are", toNumber, 1)
    .option('--messages <n>', 'things that users do, one after the other', toNumber, 0)
    .option('--rate <n>', 'of them a second; 0 is as fast as it goes', toNumber, 1)
    .option('--once', 'end when they are played and every webhook is over')
    .option('--json', 'print JSON, one thing a line');
  for (const { name, meaning, initial } of vendor.options) {
    const option = new Option(`--${name} <value>`, meaning);
    command.addOption(initial === undefined ? option.makeOptionMandatory() : option.default(initial));
  }
  const faults = toTable(
    Object.entries(vendor.faults).map(([name, { meaning, initial }]) => [
      `  ${name}`,
      `${meaning} (${initial})`,
    ]),
  );
  command.addHelpText('after', `\nFaults and how likely they are:\n${faults}`);
  command.action((options: SimulateOptions) => {
    const given = new Map<string, unknown>(Object.entries(options));
    const own = vendor.options.flatMap(({ name }): [string, string][] => {
      const value = given.get(toMember(name));
      return typeof value === 'string' ? [[name, value]] : [];
    });
    return run(vendor, { ...options, monotonic }, Object.fromEntries(own));
  });
}

async function run(
  vendor: Vendor,
  options: SimulateOptions & Stopwatch,
  own: Readonly<Record<string, string>>,
): Promise<void> {
  const output = openOutput(options.json === true, options);
  const client = openClient({ egressAllow: reachable, monotonic: options.monotonic });
  try {
    const simulator = await openSimulator(vendor, {
      client,
      host: options.host,
      port: options.port,
      seed: options.seed,
      speed: options.speed,
      faults: parseFaults(options.faults),
      options: own,
    });
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    try {
      output.result(`${vendor.name} listens at ${simulator.address}.`, { address: simulator.address });
      simulator.ledger.watch((entry) => output.result(toLine(entry), entry));
      await playUsers(simulator, options, stop.signal);
      if (options.once === true) await Promise.race([simulator.idle(), toEnd(stop.signal)]);
      else await toEnd(stop.signal);
      printCounts(simulator, output);
    } finally {
      await simulator.close();
    }
  } finally {
    await client.close();
  }
}

async function playUsers(
  simulator: Simulator,
  { messages, rate, monotonic }: SimulateOptions & Stopwatch,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = monotonic();
  for (let number = 0; number < messages && !signal.aborted; number += 1) {
    const waitMs = rate > 0 ? (number / rate) * 1000 - (monotonic() - startedAt) : 0;
    // An abort ends the wait, and then the loop.
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    await simulator.playUser(number);
  }
}

function toEnd(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function printCounts(simulator: Simulator, output: Output): void {
  const counts = simulator.ledger.counts();
  const lines = Object.entries(counts).map(([name, count]) => `${count} × ${name}`);
  output.result(lines.join('\n'), { counts });
  if (Object.keys(counts).some((name) => name.startsWith('given_up'))) process.exitCode = 1;
}

function toLine({ at, kind, subject, status, attempt, text }: LedgerEntry): string {
  const tries = attempt > 1 ? ` (try ${attempt})` : '';
  const time = new Date(at).toISOString().slice(11, 23);
  return `${time} ${kind.padEnd(8)} ${status ?? '-'} ${subject}${tries} ${text}`.trimEnd();
}

/** Commander's name of an option: `auth-token` is `authToken`. */
function toMember(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function toNumber(text: string): number {
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return Number(text);
  throw new GatewayError('bad_command', `${text} is not a number.`);
}
