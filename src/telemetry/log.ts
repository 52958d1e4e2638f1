import { pino } from 'pino';
import type { Logger } from 'pino';
import { GatewayError } from '../domain/errors.ts';
import { setQuietTimer } from '../runtime/clock.ts';
import { eventLevels } from './events.ts';
import type { EventLevel, EventName, Events } from './events.ts';
import { toKind } from './kinds.ts';
import type { LogOutput } from './log-output.ts';
import { Repeats } from './repeats.ts';
import type { HeldBack } from './repeats.ts';
import { Summary } from './summary.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type WriteLog = <N extends EventName>(name: N, fields: Events[N]) => void;

interface Log {
  readonly write: WriteLog;
  readonly setLevel: (level: LogLevel) => void;
  /** Tells what was counted and not told yet. */
  readonly settle: () => void;
}

/** Between one summary and the next, at least. */
const secondMs = 1000;

/**
 * Writes events as JSON lines, each at the level of its row in `eventLevels`. What is out of the ordinary is a warning at least: the
 * first of its kind, then counts ({@link Repeats}); what was ordinary is added up to one line a second in which there was any
 * ({@link Summary}).
 */
export function openLog(
  level: LogLevel,
  stream: Pick<LogOutput, 'write'>,
  setTimer: (callback: () => void, ms: number) => () => void = setQuietTimer,
): Log {
  const logger: Logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: toErrorFields } },
    stream,
  );
  const summary = new Summary();
  const repeats = new Repeats();
  let cancel: (() => void) | undefined;

  const put = (at: EventLevel, name: EventName, fields: object): void => {
    if (at !== 'silent') logger[at](fields, name);
  };
  const tell = (held: readonly HeldBack[]): void => {
    const figures = summary.empty();
    if (figures !== null) put(eventLevels['traffic.summarized'], 'traffic.summarized', figures);
    for (const { name, fields, heldBack } of held) put(toAmiss(name), name, { ...fields, heldBack });
  };
  const wait = (): void => {
    if (cancel !== undefined || (summary.isEmpty && repeats.isEmpty)) return;
    cancel = setTimer(() => {
      cancel = undefined;
      tell(repeats.passSecond());
      wait();
    }, secondMs);
  };
  return {
    write: (name, fields) => {
      if (logger.level === 'silent') return;
      summary.take(name, fields);
      const kind = toKind(name, fields);
      if (kind === null) put(eventLevels[name], name, fields);
      else if (repeats.admit(name, kind, fields)) put(toAmiss(name), name, fields);
      else put('debug', name, fields);
      wait();
    },
    setLevel: (wanted) => {
      logger.level = wanted;
    },
    settle: () => {
      cancel?.();
      cancel = undefined;
      tell(repeats.end());
    },
  };
}

function toAmiss(name: EventName): EventLevel {
  return eventLevels[name] === 'error' ? 'error' : 'warn';
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
