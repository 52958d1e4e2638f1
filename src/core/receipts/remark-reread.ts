// Raw events of which something was not understood are kept, and read again by a version that may know more.
import type { Connector, ParsedWebhook } from '../../channels/channel.ts';
import { readerVersion } from './reader-version.ts';
import type { Channel } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { ChannelRemark } from '../../domain/receipt.ts';
import type { RawEventEntry, Store } from '../../store/store.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Duty } from '../../runtime/worker.ts';
import { record } from './record.ts';
import type { RecordingDeps } from './record.ts';

export interface RemarkedDeps extends RecordingDeps {
  readonly store: RecordingDeps['store'] & Pick<Store, 'findRemarkedByOthers'>;
  /** How long receipts are kept: of older events nothing tells any more what was told already. */
  readonly receiptMs: number;
}

/** What reading a raw event again came to. */
export interface Reread {
  /** `read`, or why it was not: its bytes were erased or are gone, its channel is gone, or it is older than receipts are kept. */
  readonly outcome: 'read' | 'erased' | 'gone' | 'no_channel' | 'too_old';
  /** Receipts that came of it now. */
  readonly fresh: number;
  /** Receipts that were there already. */
  readonly repeats: number;
  readonly unrouted: number;
  /** What is still not understood. */
  readonly remarks: readonly ChannelRemark[];
}

/** Raw events that one look takes. */
const pageRows = 50;
/** What a store that was away has kept from being read is read after this long. */
const againMs = 60_000;

/**
 * Reads a raw event again and records what came to be understood of it; what was told before is a repeat and is not told again.
 * Rejects with `store_unavailable`.
 */
export async function rereadRemarked(deps: RemarkedDeps, entry: RawEventEntry): Promise<Reread> {
  const { accountId, id: rawEventId, channelId, receivedAt, remarks } = entry;
  const not = (outcome: Reread['outcome']): Reread => ({
    outcome,
    fresh: 0,
    repeats: 0,
    unrouted: 0,
    remarks,
  });
  if (receivedAt < deps.now() - deps.receiptMs) return not('too_old');
  const raw = await deps.store.findRawEvent(accountId, rawEventId);
  if (raw === undefined) return not('gone');
  if (raw.body.byteLength === 0) return not('erased');
  const channel = await deps.directory.channel(channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  if (channel === undefined || connector === undefined) return not('no_channel');
  const body = Buffer.from(raw.body);
  const parsed = parse(deps, connector, channel, body);
  const { fresh, repeats, unrouted } = await record(deps, channel, body, parsed, { rawEventId, receivedAt });
  return { outcome: 'read', fresh, repeats, unrouted, remarks: parsed.remarks };
}

function parse({ emit }: RemarkedDeps, connector: Connector, channel: Channel, body: Buffer): ParsedWebhook {
  try {
    return connector.parse(body, channel);
  } catch (error) {
    emit('unit.crashed', { unit: 'intake.reread', error });
    const remark = { index: 0, reason: 'parse_failed', detail: '', mayBeMessage: true } as const;
    return { events: [], remarks: [remark] };
  }
}

/**
 * Reads once, after an upgrade, what readers of another version made remarks of: oldest first, one after the other, beside all
 * else. One node does it for all, by its `duty`; were it two, the second would find nothing left.
 */
export function createRemarkedRereading(deps: RemarkedDeps, duty?: Duty): Worker {
  return new Worker({
    name: 'intake.remarked',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    duty,
    everyMs: null,
    againMs,
    run: async ({ isOver, attempt }) => {
      let last: RawEventEntry | undefined;
      do {
        const entries = await deps.store.findRemarkedByOthers(readerVersion, pageRows, last);
        for (const entry of entries) {
          if (isOver()) return;
          let failure: GatewayError | undefined;
          await attempt(() =>
            rereadRemarked(deps, entry).catch((error: unknown) => {
              // One that we fail to read holds up no other; a store that cannot commit does.
              if (!(error instanceof GatewayError)) throw error;
              failure = error;
            }),
          );
          if (failure !== undefined) throw failure;
        }
        last = entries.at(-1);
      } while (last !== undefined);
    },
  });
}
