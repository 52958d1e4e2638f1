// What opening the store found that somebody has to know: damage, for as long as it matters, and a folder open to others.
import { readdirSync } from 'node:fs';
import { noticed } from '../domain/findings.ts';
import type { RaiseNotice } from '../domain/notice.ts';
import type { EventName, Events } from '../telemetry/events.ts';
import type { OwnState } from './notices.ts';

/** A sign of damage that left no file behind is told for so long. */
const signMs = 24 * 60 * 60 * 1000;

/** What readiness tells of a store that was damaged. */
interface Damage {
  /** Files in the data folder that hold what was damaged; the store counts as damaged until they are taken away. */
  readonly kept: readonly string[];
}

export interface DamageWatch {
  /** Looks at an event of the service. */
  readonly take: <N extends EventName>(name: N, fields: Events[N]) => void;
  /** Has notices told from now on, of what was met before as well. */
  readonly tellBy: (raise: RaiseNotice) => void;
  /** What has been told of, for as long as it lasts. */
  readonly states: readonly OwnState[];
  /** What there is to tell; null when the store is whole as far as is known. */
  readonly current: () => Damage | null;
}

/**
 * Watches for damage to a store; `dataDir` is that of the embedded one, null without. `isExposed` looks whether others may look into that
 * folder now.
 */
export function watchDamage(
  dataDir: string | null,
  monotonic: () => number,
  isExposed: () => boolean,
): DamageWatch {
  let raise: RaiseNotice | undefined;
  let signAt = Number.NEGATIVE_INFINITY;
  let exposed: string | undefined;
  const untold: string[] = [];
  const tell = (what: string): void =>
    raise?.({ accountId: null, subject: 'store', ...noticed('store_damaged', { what }) });
  const current = (): Damage | null => {
    const kept = dataDir === null ? [] : listKept(dataDir);
    return kept.length > 0 || monotonic() - signAt < signMs ? { kept } : null;
  };
  return {
    take: (name, fields) => {
      if (name === 'data.exposed') exposed = (fields as Events['data.exposed']).mode;
      if (name !== 'store.damaged') return;
      // The name says whose fields they are.
      const { what } = fields as Events['store.damaged'];
      signAt = monotonic();
      if (raise !== undefined) tell(what);
      else if (untold.length < 20) untold.push(what);
    },
    tellBy: (given) => {
      raise = given;
      if (untold.length > 0) tell(untold.join('; '));
      untold.length = 0;
      if (exposed !== undefined)
        raise({ accountId: null, subject: 'data', ...noticed('data_exposed', { mode: exposed }) });
    },
    states: [
      // Without a folder a sign is all there is, which another node, or this one before its start, may have met.
      {
        code: 'store_damaged',
        subject: 'store',
        isOver: (toldAgoMs) => current() === null && (dataDir !== null || toldAgoMs > signMs),
      },
      { code: 'data_exposed', subject: 'data', isOver: () => !isExposed() },
    ],
    current,
  };
}

/** The files of a data folder that were put aside because they are damaged. */
export function listKept(dataDir: string): string[] {
  try {
    return readdirSync(dataDir).filter((name) => /^chasqui\.sqlite(-wal)?\.damaged-/.test(name));
  } catch {
    // A folder that cannot be read is told of by every write.
    return [];
  }
}
