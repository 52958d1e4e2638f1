// Receipts and where they go.
import { Option } from 'commander';
import type { Command } from 'commander';
import { clientCommand, withApi, toCount, pickGiven } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { eraseUser } from './erasure.ts';
import { giveUp, handOver, listDestinations, removeDestination, setDestination } from './destinations.ts';
import { runPreflight } from './preflight.ts';
import { replay, tail } from './receipts.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Time } from '../runtime/clock.ts';

/** Adds what tells receipts as they come. */
export function addTailCommand(program: Command, time: Time): void {
  clientCommand(program, 'tail', 'Print receipts as they come', 'chasqui tail --type ChatAppInbound')
    .option('--since <seconds>', 'begin with what came in the last seconds', toCount, 60)
    .addOption(
      new Option('--type <type>', 'one type only').choices([
        'ChatAppInbound',
        'ChatAppStatus',
        'ChatAppAudit',
      ]),
    )
    .action(async (options: AccessOptions & { since: number; type?: string }) => {
      let isOver = false;
      process.once('SIGINT', () => {
        isOver = true;
      });
      const since = time.now() - options.since * 1000;
      const { type } = options;
      await withApi(options, time, (api, output) =>
        tail(api, output, { since, ...(type === undefined ? {} : { type }), isOver: () => isOver }),
      );
    });
}

/** Adds what makes deliveries that are over due again. */
export function addReplayCommand(program: Command, time: Time): void {
  clientCommand(
    program,
    'replay',
    'Make deliveries that are over due again',
    'chasqui replay --destination 3 --since 2026-11-01T00:00:00Z --dry-run',
  )
    .option('--delivery <ids...>', 'these deliveries')
    .option('--destination <id>', 'all of one destination', toCount)
    .addOption(new Option('--state <state>', 'dead ones, or done ones too').choices(['dead', 'done']))
    .option('--since <time>', 'recorded at or after')
    .option('--until <time>', 'recorded before')
    .option('--limit <n>', 'replay at most so many', toCount)
    .option('--dry-run', 'only count what matches')
    .option('--yes', 'do not ask')
    .action(
      (
        options: AccessOptions & {
          delivery?: string[];
          destination?: number;
          state?: string;
          since?: string;
          until?: string;
          limit?: number;
          dryRun?: boolean;
          yes?: boolean;
        },
      ) => {
        const { delivery: deliveryIds, destination: destinationId, state, since, until, limit } = options;
        if (deliveryIds === undefined && destinationId === undefined && since === undefined)
          throw new GatewayError(
            'bad_command',
            'Say which: --delivery, --destination, or --since (and --until).',
          );
        return withApi(options, time, (api, output) =>
          replay(api, output, pickGiven({ deliveryIds, destinationId, state, since, until, limit }), options),
        );
      },
    );
}

/** Adds what grades a receiver. */
export function addPreflightCommand(program: Command, time: Time): void {
  clientCommand(
    program,
    'preflight <callback-url>',
    'Grade a callback endpoint; exit code 1 when something fails',
    'chasqui preflight https://example.com/inbound',
  ).action((callbackUrl: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => runPreflight(api, output, callbackUrl)),
  );
}

/** Adds what erases a user. */
export function addEraseCommand(program: Command, time: Time): void {
  clientCommand(
    program,
    'erase <user>',
    'Erase what a user wrote and was written to; the facts stay',
    'chasqui erase 15550002222',
  )
    .option('--channel <id>', 'on one channel only')
    .option('--dry-run', 'only count what would go')
    .option('--yes', 'do not ask')
    .action(
      (userId: string, options: AccessOptions & { channel?: string; dryRun?: boolean; yes?: boolean }) =>
        withApi(options, time, (api, output) =>
          eraseUser(api, output, { userId, ...pickGiven({ channelId: options.channel }) }, options),
        ),
    );
}

/** Adds what ends deliveries. */
export function addGiveUpCommand(program: Command, time: Time): void {
  clientCommand(
    program,
    'give-up',
    'Give up deliveries that are not over: those that settings do not want any more, or all of a destination',
    'chasqui give-up --destination 3 --dry-run',
  )
    .option('--delivery <ids...>', 'these deliveries')
    .option('--destination <id>', 'of one destination', toCount)
    .addOption(
      new Option('--state <state>', 'those not wanted, or all that are not over').choices([
        'unwanted',
        'open',
      ]),
    )
    .option('--since <time>', 'recorded at or after')
    .option('--until <time>', 'recorded before')
    .option('--dry-run', 'only count what would be given up')
    .option('--yes', 'do not ask')
    .action(
      (
        options: AccessOptions & {
          delivery?: string[];
          destination?: number;
          state?: string;
          since?: string;
          until?: string;
          dryRun?: boolean;
          yes?: boolean;
        },
      ) => {
        const { delivery: deliveryIds, destination: destinationId, state, since, until } = options;
        if (state === 'open' && deliveryIds === undefined && destinationId === undefined)
          throw new GatewayError('bad_command', 'Say of which destination: --destination.');
        return withApi(options, time, (api, output) =>
          giveUp(api, output, pickGiven({ deliveryIds, destinationId, state, since, until }), options),
        );
      },
    );
}

/** Adds what names, moves and removes callback URLs. */
export function addDestinationCommands(program: Command, time: Time): void {
  const destinations = program
    .command('destinations')
    .description('List callback URLs, name, move and remove them, hand over what waits for them');
  clientCommand(destinations, 'list', 'List callback URLs', 'chasqui destinations list').action(
    (options: AccessOptions) => withApi(options, time, listDestinations),
  );
  clientCommand(
    destinations,
    'set <id>',
    'Name a callback URL, give it another address, or switch it on or off',
    'chasqui destinations set 3 --address https://crm.example.com/receipts --name CRM',
  )
    .option('--name <name>', 'what it is called; empty takes the name away')
    .option('--address <callback-url>', 'another address; what waits, secrets and settings go along')
    .addOption(new Option('--state <state>', 'on or off').choices(['active', 'off']))
    .action((id: string, options: AccessOptions & { name?: string; address?: string; state?: string }) =>
      withApi(options, time, (api, output) =>
        setDestination(
          api,
          output,
          id,
          pickGiven({ name: options.name, url: options.address, state: options.state }),
        ),
      ),
    );
  clientCommand(
    destinations,
    'hand-over <id>',
    'Hand what waits for a callback URL over to another one',
    'chasqui destinations hand-over 3 --to 4 --dry-run',
  )
    .requiredOption('--to <id>', 'the destination that gets it', toCount)
    .option('--dry-run', 'only count what would go')
    .option('--yes', 'do not ask')
    .action((id: string, options: AccessOptions & { to: number; dryRun?: boolean; yes?: boolean }) =>
      withApi(options, time, (api, output) => handOver(api, output, { from: id, to: options.to }, options)),
    );
  clientCommand(
    destinations,
    'remove <id>',
    'Remove a callback URL that no settings name, and give up what waits for it',
    'chasqui destinations remove 3 --dry-run',
  )
    .option('--dry-run', 'only tell what would be given up')
    .option('--yes', 'do not ask')
    .action((id: string, options: AccessOptions & { dryRun?: boolean; yes?: boolean }) =>
      withApi(options, time, (api, output) => removeDestination(api, output, id, options)),
    );
}
