// What the commands are made with.
import { Option } from 'commander';
import type { Command } from 'commander';
import { ApiClient, toApiAccess } from './api-client.ts';
import { openOutput } from './output.ts';
import type { Output } from './output.ts';
import { toShown } from '../config/mask.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Time } from '../runtime/clock.ts';

export interface AccessOptions {
  readonly url?: string;
  readonly keyId?: string;
  readonly keySecret?: string;
  readonly json?: boolean;
}

/** A command that takes settings as `--name value`; the settings table knows the names. */
export function settingsCommand(
  program: Command,
  name: string,
  description: string,
  example: string,
): Command {
  const operands = name.split(' ').slice(1);
  return program
    .command(name)
    .description(description)
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption('-h, --help', 'show this help')
    .usage([...operands, '[--setting value …]'].join(' '))
    .addHelpText('after', `\nEvery setting of docs/configuration.md can be given, e.g.\n  ${example}`);
}

/** A command that speaks to a running service. */
export function clientCommand(parent: Command, name: string, description: string, example: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--url <url>', 'address of the service (CHASQUI_URL; http://127.0.0.1:8080)')
    .option('--key-id <id>', 'access key id (CHASQUI_KEY_ID)')
    .addOption(new Option('--key-secret <secret>', 'access key secret; better given as CHASQUI_KEY_SECRET'))
    .option('--json', 'print JSON, one result a line')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

/** Runs `run` with the service that the options name, and with where to print. */
export async function withApi(
  options: AccessOptions,
  time: Time,
  run: (api: ApiClient, output: Output) => Promise<void>,
): Promise<void> {
  const api = new ApiClient(toApiAccess(options));
  try {
    await run(api, openOutput(options.json === true, time));
  } finally {
    await api.close();
  }
}

/** Reads a number of an option. Throws `bad_command`. */
export function toCount(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new GatewayError('bad_command', `${toShown(text)} is not a whole number.`);
}

/** The members that are there: an option that was not given is undefined. */
export function pickGiven<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
