#!/usr/bin/env node
import { runMigrate, runStart } from './cli/start.ts';
import { GatewayError } from './domain/errors.ts';

const [command, ...args] = process.argv.slice(2);

try {
  if (command === 'start') await runStart(args);
  else if (command === 'migrate') await runMigrate(args);
  else throw new GatewayError('bad_settings', 'Say what to do: start or migrate.');
} catch (error) {
  if (!(error instanceof GatewayError)) throw error;
  console.error(error.message);
  process.exitCode = error.code === 'bad_settings' ? 2 : 1;
}
