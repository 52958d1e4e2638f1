// What the events of a webhook of Messenger or Instagram became.
import type { ChannelEvent, ChannelMark, ChannelRemark, RemarkReason } from '../domain/receipt.ts';

type Remark = Pick<ChannelRemark, 'reason' | 'detail'>;

/** What one event became. */
export type Finding =
  | {
      readonly kind: 'events';
      readonly events: readonly ChannelEvent[];
      readonly marks?: readonly ChannelMark[];
    }
  | ({ readonly kind: 'remark' } & Remark);

/** What gives no receipt, and why. */
export function toRemark(reason: RemarkReason, detail: string): Finding {
  return { kind: 'remark', reason, detail };
}
