import assert from 'node:assert/strict';
import { it } from 'node:test';
import { putIntoWords } from '../../../src/core/notices/texts.ts';
import { noticeTexts } from '../../../src/domain/findings.ts';
import type { NoticeCode } from '../../../src/domain/notice.ts';
import { toGroup, toMessage, toNotice } from '../../notifiers/messages.ts';

it('one notice is told by its text, several by how many there are of each kind', () => {
  const one = toMessage();
  assert.match(one.title, /^\[Chasqui\] Error: The callback at shop\.example failed 10 times/);
  assert.equal(one.groups[0]?.lines.length, 1);
  const many = toMessage([
    toGroup({ raised: 40, samples: Array.from({ length: 5 }, () => toNotice()) }),
    toGroup({ code: 'store_damaged', about: null }),
  ]);
  assert.equal(many.title, '[Chasqui] Critical: 41 notices (destination_opened, store_damaged)');
  assert.equal(many.severity, 'critical');
  assert.match(many.groups[0]?.heading ?? '', /^destination_opened · 40 times · account 1000000000000001$/);
  assert.equal(many.groups[0]?.lines.length, 6);
  assert.match(many.groups[0]?.lines.at(-1) ?? '', /35 more/);
});

it('an end is told as one, and a kind is over when none of it stands', () => {
  const closed = toNotice({ code: 'destination_closed', text: 'It takes deliveries again.' });
  const over = toMessage([toGroup({ raised: 0, ended: 1, standing: 0, samples: [closed] })]);
  assert.deepEqual(
    [over.title, over.groups[0]?.state],
    ['[Chasqui] Over: It takes deliveries again.', 'over'],
  );
  assert.match(over.groups[0]?.lines[0] ?? '', /Over: It takes/);
  const eased = toMessage([toGroup({ raised: 0, ended: 1, standing: 3, samples: [closed] })]);
  assert.equal(eased.groups[0]?.state, 'eased');
  const both = toMessage([toGroup({ raised: 1, ended: 1, standing: 1 })]);
  assert.equal(both.groups[0]?.state, 'raised');
});

it('every kind of notice is told in Chinese where its values are there, findings included', () => {
  for (const [code, text] of Object.entries(noticeTexts) as [NoticeCode, string][]) {
    const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const params = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
    const told = putIntoWords(toNotice({ code, text: 'English', params }), 'zh');
    assert.match(told, /\p{Script=Han}/u, code);
    for (const name of names)
      if (name !== 'findings') assert.ok(told.includes(`<${name}>`), `${code} ${name}`);
  }
  const findings = [{ name: 'token', code: 'token_until', params: { end: '2027' } }] as const;
  const told = putIntoWords(toNotice({ code: 'token_ending', params: { channelId: 'a' }, findings }), 'zh');
  assert.match(told, /令牌有效性：.*2027/);
  assert.equal(putIntoWords(toNotice({ code: 'worker_late', text: 'Late.', params: {} }), 'zh'), 'Late.');
  assert.match(toMessage(undefined, 'zh').title, /^\[Chasqui\] 错误: shop\.example 的回调/);
});

it('a telephone number is not told, an id and a time are', () => {
  assert.equal(
    putIntoWords(toNotice({ text: 'It is +4915550100123, or 15550100001.' }), 'en'),
    'It is …0123, or …0001.',
  );
  const kept = 'destination/12 · 1000000000000001 · 2026-11-01T00:00:00.000Z · 600000 ms · wa-15550100';
  assert.equal(putIntoWords(toNotice({ text: kept }), 'en'), kept);
  const message = toMessage([toGroup({ samples: [toNotice({ subject: 'sender/wa/4915550100123' })] })]);
  assert.doesNotMatch(JSON.stringify(message.groups.map(({ lines }) => lines)), /4915550100123/);
});

it('a title and its lines have no control characters and an end', () => {
  const { title, groups } = toMessage([
    toGroup({ samples: [toNotice({ text: `a\r\nb\u0000\u2029${'x'.repeat(5000)}` })] }),
  ]);
  assert.match(title, /^\[Chasqui\] Error: a b x+…$/);
  assert.ok(title.length <= 150);
  assert.doesNotMatch(groups[0]?.lines.join('') ?? '', /\p{Cc}/u);
  assert.ok((groups[0]?.lines[0]?.length ?? 0) < 800);
});
