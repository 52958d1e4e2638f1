// What is done at the machine of the service, with its settings.
import type { Command } from 'commander';
import { settingsCommand } from './command-kit.ts';
import { backUp } from './backup.ts';
import { printConfig, toConfigurationPage } from './config.ts';
import { askHealth } from './health.ts';
import { openOutput } from './output.ts';
import { readSettings, runMigrate, runStart } from './start.ts';
import { version } from '../runtime/release.ts';
import type { Time } from '../runtime/clock.ts';

/** Adds what runs the service and tells how it does. */
export function addServiceCommands(program: Command, time: Time): void {
  settingsCommand(
    program,
    'start',
    'Run the service',
    'chasqui start --port 9000 --data-dir /var/lib/chasqui',
  ).action((_options, command: Command) => runStart(command.args));

  program
    .command('version')
    .description('Print the version')
    .action(() => console.log(version));

  settingsCommand(
    program,
    'migrate',
    "Bring the store's schema up to date",
    'chasqui migrate --data-dir /var/lib/chasqui',
  ).action((_options, command: Command) => runMigrate(command.args));

  settingsCommand(
    program,
    'health',
    'Ask the service that runs here by the same settings whether it is ready; exit code 1 when it is not',
    'chasqui health --live --port 9000',
  )
    .option('--live', 'ask whether it is alive: what is not is restarted, what is not ready waits')
    .option('--json', 'print JSON')
    .action(async (options: { live?: boolean; json?: boolean }, command: Command) => {
      const output = openOutput(options.json === true, time);
      if (!(await askHealth(output, command.args, options.live === true))) process.exitCode = 1;
    });

  settingsCommand(
    program,
    'config',
    'Print the settings in force and where they came from',
    'chasqui config --json',
  )
    .option('--json', 'print JSON')
    .option('--docs', 'print docs/configuration.md')
    .action((options: { json?: boolean; docs?: boolean }, command: Command) => {
      if (options.docs === true) process.stdout.write(toConfigurationPage());
      else printConfig(openOutput(options.json === true, time), readSettings(command.args));
    });
}

/** Adds what copies the store, looks through it and puts a copy in its place. */
export function addStoreCommands(program: Command, time: Time): void {
  settingsCommand(
    program,
    'backup <folder>',
    'Copy the store and the media of the service that runs here, while it runs',
    'chasqui backup /backup/2026-11-24 --data-dir /var/lib/chasqui',
  )
    .option('--json', 'print JSON')
    .action((folder: string, options: { json?: boolean }, command: Command) =>
      backUp(openOutput(options.json === true, time), folder, command.args.slice(1)),
    );
  addRestoreCommand(program, time);

  settingsCommand(
    program,
    'check',
    'Tell what is damaged in the store and what is whole; exit code 1 when something is',
    'chasqui check --data-dir /var/lib/chasqui',
  )
    .option('--mend', 'save what can be read into a new file, while no service runs; the damaged one is kept')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean; mend?: boolean }, command: Command) => {
      const { check } = await import('./check.ts');
      if (
        !(await check(
          openOutput(options.json === true, time),
          command.args,
          options.mend === true,
          time.now(),
        ))
      )
        process.exitCode = 1;
    });
}

function addRestoreCommand(program: Command, time: Time): void {
  settingsCommand(
    program,
    'restore <backup>',
    'Put a backup (a folder, or s3://bucket/folder/name) into the data folder, while no service runs',
    'chasqui restore /backup/2026-11-24 --data-dir /var/lib/chasqui',
  )
    .option('--replace', 'put aside the store that is there')
    .option('--resend', 'send the messages that wait in it, though they may have been sent since')
    .option('--dry-run', 'only look through the backup, and tell what would be done')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(
      async (
        address: string,
        options: { replace?: boolean; resend?: boolean; dryRun?: boolean; yes?: boolean; json?: boolean },
        command: Command,
      ) => {
        const { restore } = await import('./restore.ts');
        const output = openOutput(options.json === true, time);
        await restore(output, address, command.args.slice(1), options, time.now());
      },
    );
}
