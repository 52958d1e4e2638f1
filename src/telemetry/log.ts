import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { GatewayError } from '../domain/errors.ts';
import { eventLevels } from './events.ts';
import type { EventName, Events } from './events.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type WriteLog = <N extends EventName>(name: N, fields: Events[N]) => void;

/** Writes each event as one JSON line to `stream` (standard output by default), at the level of its row in `eventLevels`. */
export function openLog(level: LogLevel, stream?: DestinationStream): { write: WriteLog; flush: () => void } {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: toErrorFields },
  };
  const logger: Logger = stream === undefined ? pino(options) : pino(options, stream);
  return {
    write: (name, fields) => {
      const eventLevel = eventLevels[name];
      if (eventLevel === 'silent') return;
      const entry: object = fields;
      logger[eventLevel](entry, name);
    },
    flush: () => logger.flush(),
  };
}

/** An error without the request that led to it: messages of foreign errors may quote what a user sent. */
function toErrorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? error.code : undefined;
  const frames = toFrames(error);
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error instanceof GatewayError ? { message: error.message } : {}),
    ...(frames.length === 0 ? {} : { stack: frames }),
    ...(error.cause === undefined ? {} : { cause: toErrorFields(error.cause) }),
  };
}

/** The places in the code alone. The message stands before them, on as many lines as it likes, and is cut away first. */
function toFrames({ message, stack = '' }: Error): string[] {
  const start = stack.indexOf(message);
  const lines = start < 0 ? [] : stack.slice(start + message.length).split('\n');
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
