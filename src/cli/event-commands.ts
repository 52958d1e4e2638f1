// What channels posted.
import { Option } from 'commander';
import type { Command } from 'commander';
import { clientCommand, withApi, toCount, pickGiven } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { listEvents, rereadEvent, rereadEvents, showEvent } from './raw-events.ts';
import { remarkReasons } from '../domain/receipt.ts';
import type { Time } from '../runtime/clock.ts';

interface EventOptions extends AccessOptions {
  readonly channel?: string;
  readonly reason?: string;
  readonly messages?: boolean;
  readonly since?: string;
  readonly until?: string;
}

const toEventFilter = ({ channel: channelId, reason, messages, since, until }: EventOptions) =>
  pickGiven({ channelId, reason, mayBeMessage: messages, since, until });

const withEventFilter = (command: Command): Command =>
  command
    .option('--channel <id>', 'of one channel')
    .addOption(new Option('--reason <reason>', 'with a remark of this reason').choices([...remarkReasons]))
    .option('--messages', "only what may be a user's message")
    .option('--since <time>', 'received at or after')
    .option('--until <time>', 'received before');

/** Adds what lists raw events and reads them again. */
export function addEventCommands(program: Command, time: Time): void {
  const events = program
    .command('events')
    .description('What channels posted and what of it gave no receipt: list it, and read it again');
  withEventFilter(
    clientCommand(events, 'list', 'List raw events, newest first', 'chasqui events list --messages'),
  )
    .option('--all', 'those that gave nothing but receipts too')
    .option('--limit <n>', 'at most so many', toCount, 200)
    .action((options: EventOptions & { all?: boolean; limit: number }) =>
      withApi(options, time, (api, output) =>
        listEvents(api, output, toEventFilter(options), {
          limit: options.limit,
          isAll: options.all === true,
        }),
      ),
    );
  clientCommand(
    events,
    'show <id>',
    'Tell what of a raw event gave no receipt, and why',
    'chasqui events show 7319026123456512',
  ).action((id: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => showEvent(api, output, id)),
  );
  withEventFilter(
    clientCommand(
      events,
      'reread [id]',
      'Read one raw event again, or all that match; what was told before is not told again',
      'chasqui events reread --channel shop --dry-run',
    ),
  )
    .option('--dry-run', 'only count what matches')
    .option('--yes', 'do not ask')
    .action((id: string | undefined, options: EventOptions & { dryRun?: boolean; yes?: boolean }) =>
      withApi(options, time, (api, output) =>
        id === undefined
          ? rereadEvents(api, output, toEventFilter(options), { ...options, now: time.now() })
          : rereadEvent(api, output, id),
      ),
    );
}
