import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import {
  findEnding,
  isLasting,
  noticeCodes,
  noticeSeverities,
  severities,
  toNoticeKind,
} from '../../src/domain/notice.ts';
import type { NoticeCode } from '../../src/domain/notice.ts';
import { isMailAddress, wants } from '../../src/domain/notice-target.ts';

it('every kind has a severity, and what is the end of another has the other’s kind', () => {
  for (const code of noticeCodes) assert.ok(severities.includes(noticeSeverities[code]), code);
  assert.deepEqual(toNoticeKind({ code: 'destination_closed', isOver: false }), {
    code: 'destination_opened',
    isEnd: true,
  });
  assert.equal(findEnding('destination_opened'), 'destination_closed');
  assert.equal(findEnding('worker_late'), undefined);
  assert.deepEqual(toNoticeKind({ code: 'worker_late', isOver: true }), { code: 'worker_late', isEnd: true });
  assert.deepEqual(toNoticeKind({ code: 'worker_late', isOver: false }), {
    code: 'worker_late',
    isEnd: false,
  });
});

it('what happens once does not last, and neither does an end', () => {
  assert.ok(isLasting('destination_opened') && isLasting('store_unavailable'));
  for (const code of ['destination_closed', 'delivery_died', 'recovery_code_used'] as const)
    assert.ok(!isLasting(code), code);
});

it('the page on notices names each kind that has an end', () => {
  const [page = ''] =
    /\*\*The end is told too\*\*[^]*?\n\n/.exec(readFileSync('docs/notices.md', 'utf8')) ?? [];
  const named = [...page.matchAll(/`(\w+)`/g)].map(([, code]) => code);
  for (const code of noticeCodes) if (isLasting(code)) assert.ok(named.includes(code), code);
});

it('a target wants what is of its kinds and matters enough, while it is on', () => {
  const target = { state: 'active', severity: 'error', codes: [] as NoticeCode[] } as const;
  assert.ok(wants(target, 'destination_opened') && wants(target, 'store_damaged'));
  assert.ok(!wants(target, 'template_kept'));
  assert.ok(!wants({ ...target, state: 'off' }, 'store_damaged'));
  assert.ok(!wants({ ...target, codes: ['store_damaged'] }, 'destination_opened'));
  assert.ok(wants({ ...target, codes: ['store_damaged'] }, 'store_damaged'));
});

it('an address of e-mail is one address, and nothing beside it', () => {
  for (const good of ['ops@example.com', 'a.b+c@mail.example.co', 'root@localhost'])
    assert.ok(isMailAddress(good), good);
  for (const bad of [
    '',
    'ops',
    '@example.com',
    'ops@',
    'ops@exa mple.com',
    'a@b.example, c@d.example',
    'Ops <ops@example.com>',
    '"a b"@example.com',
    'ops@example.com\r\nBcc: evil@example.com',
    'ops@example.com\n',
    'ops@example..com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(260)}.example`,
  ])
    assert.ok(!isMailAddress(bad), JSON.stringify(bad));
});
