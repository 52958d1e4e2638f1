import { toShown } from '../config/mask.ts';
import { GatewayError } from '../domain/errors.ts';

/** Reads `--name value` and `--name=value`; anything else is refused. Throws `bad_settings`. */
export function parseFlags(args: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  for (let index = 0; index < args.length; index += 1) {
    const [, name, joined] = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/is.exec(args[index] ?? '') ?? [];
    if (name === undefined)
      throw new GatewayError(
        'bad_command',
        `${toShown(args[index] ?? '')} is not understood. Settings are given as --name value.`,
      );
    const value = joined ?? args[index + 1];
    if (value === undefined) throw new GatewayError('bad_command', `--${name} needs a value.`);
    if (joined === undefined) index += 1;
    flags[name] = value;
  }
  return flags;
}
