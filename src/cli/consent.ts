// What cannot be undone, or lets somebody in, is asked for, by whoever sits before it.
import { createInterface } from 'node:readline/promises';
import { GatewayError } from '../domain/errors.ts';

/** How a command that cannot be undone was called. */
export interface Consent {
  /** Only tell what would be done. */
  readonly dryRun?: boolean;
  /** Do it without asking. */
  readonly yes?: boolean;
}

/**
 * Resolves once it may be done: at once with `--yes`, otherwise after a yes at the terminal. Throws `bad_command` where nobody can be
 * asked, and `wrong_state` for any other answer. `isFinal`: whether it cannot be undone.
 */
export async function confirm(what: string, { yes }: Consent, isFinal = true): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY)
    throw new GatewayError(
      'bad_command',
      `${what} Nothing was done: ${isFinal ? 'that cannot be undone, and ' : ''}nobody can be asked here. Give --yes to do it, or --dry-run to see it alone.`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(
      `${what} ${isFinal ? 'That cannot be undone. ' : ''}Go on? [y/N] `,
    );
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new GatewayError('wrong_state', 'Nothing was done.');
}
