// Secrets are read from standard input: a command line can be read by others.
import { createInterface } from 'node:readline/promises';
import { GatewayError } from '../domain/errors.ts';

/** The first line that is not empty. Throws `bad_command` without one. */
export async function readSecret(name: string): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  if (process.stdin.isTTY) process.stderr.write(`New ${name}: `);
  try {
    for await (const line of lines) if (line.trim() !== '') return line.trim();
  } finally {
    lines.close();
  }
  throw new GatewayError('bad_command', `Give the new ${name} on standard input.`);
}
