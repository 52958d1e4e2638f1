// The settings of a running service.
import type { Command } from 'commander';
import { clientCommand, withApi } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { listSettings, resetSetting, setSetting } from './settings.ts';
import type { Time } from '../runtime/clock.ts';

/** Adds what lists the settings in force, and sets those that may be set while the service runs. */
export function addSettingCommands(program: Command, time: Time): void {
  const settings = program
    .command('settings')
    .description('Show the settings in force in a running service, and set some of them');
  clientCommand(
    settings,
    'list',
    'List the settings in force, where each comes from, and who set it',
    'chasqui settings list --live',
  )
    .option('--live', 'those alone that may be set while the service runs')
    .action((options: AccessOptions & { live?: boolean }) =>
      withApi(options, time, (api, output) => listSettings(api, output, options.live === true)),
    );
  clientCommand(
    settings,
    'set <key> <value>',
    'Set one on all nodes, with a key of the first account',
    'chasqui settings set receiptRetentionDays 180',
  ).action((key: string, value: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => setSetting(api, output, key, value)),
  );
  clientCommand(
    settings,
    'reset <key>',
    'Let go of what was set: the default is in force again',
    'chasqui settings reset receiptRetentionDays',
  ).action((key: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => resetSetting(api, output, key)),
  );
}
