// What the events of a webhook of Messenger or Instagram became, gathered so that a bad one leaves its neighbours alone.
import type { ChannelEvent, ChannelMark, ChannelRemark, RemarkReason } from '../domain/receipt.ts';
import type { ParsedWebhook } from './channel.ts';

type Remark = Omit<ChannelRemark, 'index'>;

/** What one event became. */
export type Finding =
  | {
      readonly kind: 'events';
      readonly events: readonly ChannelEvent[];
      readonly marks?: readonly ChannelMark[];
    }
  | ({ readonly kind: 'remark' } & Remark);

/** Gathers what a webhook holds; `index` counts every event, so that it names the same one when the bytes are read again. */
export class Findings implements ParsedWebhook {
  readonly events: ChannelEvent[] = [];
  readonly marks: ChannelMark[] = [];
  readonly remarks: ChannelRemark[] = [];
  #index = 0;

  add(read: (index: number) => Finding): void {
    const index = this.#index;
    this.#index += 1;
    try {
      const finding = read(index);
      if (finding.kind === 'remark')
        this.remarks.push({ index, reason: finding.reason, detail: finding.detail });
      else {
        this.events.push(...finding.events);
        this.marks.push(...(finding.marks ?? []));
      }
    } catch (error) {
      const detail = error instanceof Error ? error.name : 'unknown';
      this.remarks.push({ index, reason: 'parse_failed', detail });
    }
  }

  remark(reason: RemarkReason, detail: string): void {
    this.add(() => toRemark(reason, detail));
  }
}

/** What gives no receipt, and why. */
export function toRemark(reason: RemarkReason, detail: string): Finding {
  return { kind: 'remark', reason, detail };
}
