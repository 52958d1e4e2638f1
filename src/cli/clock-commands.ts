// The time that the service goes by.
import type { Command } from 'commander';
import { clientCommand, withApi } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { confirmClock, showClock } from './clock.ts';
import type { Time } from '../runtime/clock.ts';

/** Adds what tells and confirms the clock. */
export function addClockCommands(program: Command, time: Time): void {
  const clock = program.command('clock').description('The time that the service goes by');
  clientCommand(
    clock,
    'show',
    'Tell whether the clock is in doubt, and what a sweep that waits would take',
    'chasqui clock show',
  ).action((options: AccessOptions) => withApi(options, time, showClock));
  clientCommand(
    clock,
    'confirm',
    'Say that the clock is right: it is worked by again, and a sweep that waits goes on',
    'chasqui clock confirm --yes',
  )
    .option('--dry-run', 'only tell what would be taken for right, and what would go')
    .option('--yes', 'do not ask')
    .action((options: AccessOptions & { dryRun?: boolean; yes?: boolean }) =>
      withApi(options, time, (api, output) => confirmClock(api, output, options)),
    );
}
