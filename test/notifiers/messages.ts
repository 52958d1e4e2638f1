// Messages that notifiers are tested with.
import { noticed } from '../../src/domain/findings.ts';
import type { Notice } from '../../src/domain/notice.ts';
import type { NoticeGroup, TargetAddress, TargetLanguage } from '../../src/domain/notice-target.ts';
import { render } from '../../src/core/notices/rendering.ts';

export const at = Date.UTC(2026, 10, 1);
export const accountId = 1_000_000_000_000_001;

export function toNotice(change: Partial<Notice> = {}): Notice {
  return {
    accountId,
    id: 7,
    at,
    subject: 'destination/1',
    findings: [],
    isOver: false,
    ...noticed('destination_opened', { host: 'shop.example', failures: 10, outcome: 'timeout' }),
    ...change,
  };
}

export function toGroup(change: Partial<NoticeGroup> = {}): NoticeGroup {
  return {
    about: accountId,
    code: 'destination_opened',
    raised: 1,
    ended: 0,
    standing: 1,
    samples: [toNotice()],
    ...change,
  };
}

export function toMessage(
  groups: readonly NoticeGroup[] = [toGroup()],
  language: TargetLanguage = 'en',
  attempt = 1,
) {
  return render(
    { language },
    { message: 'notice_1', attempt, groups, at, link: 'https://chasqui.example/console/' },
  );
}

export function toAddress(change: Partial<TargetAddress>): TargetAddress {
  return { url: null, mail: [], secret: null, ...change };
}
