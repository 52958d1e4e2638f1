/**
 * What every simulated vendor stands on. A vendor gives its routes, its webhooks and its rules; the core gives it a seed,
 * faults, a clock, a poster that tries again, a ledger and a listener. Documented in docs/simulators.md.
 */
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import { isDeeper, maxJsonDepth } from '../domain/json-depth.ts';
import type { Client } from '../http/client.ts';
import { takeBytes } from '../http/parsers.ts';
import { openHttpServer } from '../http/server.ts';
import { openClock } from './simulated-clock.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import { Ledger } from './ledger.ts';
import { Poster } from './poster.ts';
import type { PosterOptions } from './poster.ts';
import { seedRandom } from './random.ts';
import type { Random } from './random.ts';

/** A setting of one vendor, given as `--name value`. */
interface VendorOption {
  readonly name: string;
  readonly meaning: string;
  /** Left out when it must be given. */
  readonly initial?: string;
}

/** A fault that a vendor can play: what happens, and how likely it is where nothing is said. */
export interface Fault {
  readonly meaning: string;
  readonly initial: number;
}

/** A family of vendor APIs that can be simulated. */
export interface Vendor {
  /** Its name on the command line, e.g. `viber-bot`. */
  readonly name: string;
  readonly description: string;
  readonly options: readonly VendorOption[];
  readonly faults: Readonly<Record<string, Fault>>;
  readonly posting: PosterOptions;
  /** Begins its life on a stage. Throws `bad_settings` for options that make no sense. */
  readonly open: (stage: Stage) => Play;
}

/** What a vendor works with. */
export interface Stage {
  readonly random: Random;
  readonly clock: SimulatedClock;
  readonly poster: Poster;
  readonly ledger: Ledger;
  /** The value of one of the vendor's options. */
  readonly option: (name: string) => string;
  /** How likely a fault of the vendor's is, in [0, 1]. */
  readonly fault: (name: string) => number;
  /** Gets a page of the business, e.g. for a handshake; undefined when there was no answer. */
  readonly get: (url: string) => Promise<{ readonly status: number; readonly body: string } | undefined>;
  /** Where the simulator listens, without a trailing slash; known once it does. */
  readonly address: () => string;
}

/** A vendor in action. */
export interface Play {
  /** Adds the vendor's own routes. Bodies come as Buffers, whatever their type. */
  readonly routes: (app: FastifyInstance) => void;
  /** What can be asked for by name: a user's message, a click. Takes and gives JSON; throws `bad_request`. */
  readonly actions: Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => Promise<unknown>>>;
  /** Plays the `number`-th thing that some user does, drawn from the seed. */
  readonly playUser: (number: number) => Promise<unknown>;
  readonly close?: () => Promise<void>;
}

export interface SimulatorOptions {
  readonly client: Pick<Client, 'post' | 'request'>;
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port?: number;
  readonly seed?: number | string;
  /** By option name; what is left out has its initial value. */
  readonly options?: Readonly<Record<string, string>>;
  /** By fault name; what is left out has its initial likelihood. */
  readonly faults?: Readonly<Record<string, number>>;
  /** How much shorter the vendor's waits are. */
  readonly speed?: number;
  readonly clock?: SimulatedClock;
}

export interface Simulator {
  /** Where it listens, without a trailing slash. */
  readonly address: string;
  readonly ledger: Ledger;
  /** Does one of the vendor's actions. Throws `not_found` for one that it has not. */
  readonly act: (name: string, body: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly playUser: (number: number) => Promise<unknown>;
  /** Resolves once every webhook has been taken or given up. */
  readonly idle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const maxBodyBytes = 64 * 1024 * 1024;
const maxListed = 1000;
const getTimeoutMs = 10_000;
const maxGotBytes = 64 * 1024;

/**
 * Starts a simulated vendor. Besides the vendor's own routes it serves `GET /_simulator/ledger` and
 * `POST /_simulator/<action>`. Throws `bad_settings`, with nothing left running, when it cannot start.
 */
export async function openSimulator(vendor: Vendor, options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? openClock(options.speed);
  const ledger = new Ledger();
  const values = readOptions(vendor, options.options ?? {});
  const faults = readFaults(vendor, options.faults ?? {});
  const poster = new Poster({ client: options.client, clock, ledger }, vendor.posting);
  let address = '';
  const play = vendor.open({
    random: seedRandom(options.seed ?? 1),
    clock,
    poster,
    ledger,
    option: (name) => values[name] ?? unknown('option', name),
    fault: (name) => faults[name] ?? unknown('fault', name),
    get: async (url) => {
      const answer = await options.client.request(url, {
        method: 'GET',
        headers: {},
        timeoutMs: getTimeoutMs,
        maxBytes: maxGotBytes,
      });
      return 'status' in answer ? { status: answer.status, body: answer.body.toString('utf8') } : undefined;
    },
    address: () => address,
  });
  const act: Simulator['act'] = async (name, body) => {
    const action = Object.hasOwn(play.actions, name) ? play.actions[name] : undefined;
    if (action === undefined)
      throw new GatewayError(
        'not_found',
        `${vendor.name} has no action ${name}; it has ${Object.keys(play.actions).join(', ')}.`,
      );
    return action(body);
  };
  const app = openHttpServer({ emit: () => undefined, monotonic: clock.monotonic, bodyLimit: maxBodyBytes });
  takeBytes(app);
  app.get<{ Querystring: { limit?: string } }>('/_simulator/ledger', (request) => ({
    counts: ledger.counts(),
    waiting: poster.waiting(),
    entries: ledger.list(Math.min(Number(request.query.limit ?? maxListed) || maxListed, maxListed)),
  }));
  app.post<{ Params: { action: string } }>('/_simulator/:action', async (request) => ({
    result: (await act(request.params.action, readJsonBody(request.body))) ?? null,
  }));
  play.routes(app);
  try {
    address = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  } catch (cause) {
    await app.close();
    throw new GatewayError('bad_command', 'The simulator cannot listen there; is the port taken?', {
      cause,
    });
  }
  return {
    address,
    ledger,
    act,
    playUser: (number) => play.playUser(number),
    idle: () => poster.idle(),
    close: async () => {
      await poster.close();
      await play.close?.();
      await app.close();
    },
  };
}

/** Reads a JSON object from a raw body; nothing is an empty one. Throws `bad_request`. */
export function readJsonBody(body: unknown): Readonly<Record<string, unknown>> {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : '';
  if (text.trim() === '') return {};
  if (isDeeper(text, maxJsonDepth))
    throw new GatewayError('bad_request', `The JSON is nested deeper than ${maxJsonDepth} levels.`);
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Said below, as for any other text that is no object.
  }
  throw new GatewayError('bad_request', 'The body has to be a JSON object.');
}

/** A text as it is, and anything else as JSON. */
export function toWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Reads `duplicate=0.1,failed=0.02`. Throws `bad_settings`. */
export function parseFaults(text: string): Readonly<Record<string, number>> {
  const pairs = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return Object.fromEntries(
    pairs.map((pair): [string, number] => {
      const [, name, value] = /^([a-zA-Z0-9-]+)=(\d*\.?\d+)$/.exec(pair) ?? [];
      const likelihood = Number(value);
      if (name === undefined || likelihood > 1)
        throw new GatewayError(
          'bad_command',
          `--faults ${pair} is not understood; write duplicate=0.1,failed=0.02.`,
        );
      return [name, likelihood];
    }),
  );
}

function readOptions(vendor: Vendor, given: Readonly<Record<string, string>>): Record<string, string> {
  refuseOthers(
    'option',
    Object.keys(given),
    vendor.options.map(({ name }) => name),
  );
  return Object.fromEntries(
    vendor.options.map(({ name, initial, meaning }): [string, string] => {
      const value = given[name] ?? initial;
      if (value === undefined) throw new GatewayError('bad_command', `--${name} is missing: ${meaning}.`);
      return [name, value];
    }),
  );
}

function readFaults(vendor: Vendor, given: Readonly<Record<string, number>>): Record<string, number> {
  refuseOthers('fault', Object.keys(given), Object.keys(vendor.faults));
  return Object.fromEntries(
    Object.entries(vendor.faults).map(([name, { initial }]) => [name, given[name] ?? initial]),
  );
}

function refuseOthers(what: string, given: readonly string[], known: readonly string[]): void {
  const other = given.find((name) => !known.includes(name));
  if (other !== undefined)
    throw new GatewayError('bad_command', `There is no ${what} ${other}; there are ${known.join(', ')}.`);
}

function unknown(what: string, name: string): never {
  throw new Error(`The vendor declares no ${what} ${name}.`);
}
