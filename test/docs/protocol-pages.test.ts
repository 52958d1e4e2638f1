// What docs/protocols/ says in numbers and names is what the code has in its tables.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { botStatuses } from '../../src/channels/viber-bot/send.ts';
import { businessStatuses } from '../../src/channels/viber-business/send.ts';
import { presets } from '../../src/domain/delivery.ts';
import { queueAttributeRanges, queueLimits, receiptQueueAttributes } from '../../src/domain/queue.ts';
import { receiptTypes, toRank } from '../../src/domain/receipt.ts';
import { toMaxBytes } from '../../src/domain/upload.ts';
import { smqErrorTable } from '../../src/protocols/smq/errors.ts';

const folder = 'docs/protocols';
const pages = readdirSync(folder);
const read = (page: string): string => readFileSync(join(folder, page), 'utf8');

/** The rows of the tables of a part of a page, without their heads. */
function rowsOf(page: string, heading: string): readonly (readonly string[])[] {
  const [, part = ''] = read(page).split(`\n## ${heading}\n`);
  return (part.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')))
    .filter((_, n, all) => !/^-+$/.test(all[n]?.[0] ?? '') && !/^-+$/.test(all[n + 1]?.[0] ?? ''));
}

describe('the pages about protocols', () => {
  it('stand in their index, and link to what is there', () => {
    for (const page of pages) {
      if (page !== 'README.md') assert.ok(read('README.md').includes(`](${page})`), page);
      for (const [, link = ''] of read(page).matchAll(/\]\(([^)]+)\)/g)) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(folder, page) : normalize(join(folder, path));
        assert.ok(existsSync(target), `${page} → ${link}`);
        const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
          heading
            .toLowerCase()
            .replaceAll(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
        );
        if (anchor !== undefined) assert.ok(headings.includes(anchor), `${page} → ${link}`);
      }
    }
  });

  it('smq.md has the checks of a signature with the status of each', () => {
    const rows = rowsOf('smq.md', 'Signatures');
    assert.equal(rows.length, 8);
    for (const [, code = '', status] of rows) {
      assert.ok(Object.hasOwn(smqErrorTable, code), code);
      assert.equal(String(smqErrorTable[code as keyof typeof smqErrorTable].status), status, code);
    }
  });

  it('smq.md has the attributes of a queue with their ranges', () => {
    const known = Object.values(queueAttributeRanges).map(({ name, min, max, initial }) => [
      name,
      String(min),
      String(max),
      String(initial),
    ]);
    assert.deepEqual(rowsOf('smq.md', 'Queues'), known);
    const { nameLength, batch, priorityHighest, priorityLowest, priorityDefault } = queueLimits;
    const said = read('smq.md').replaceAll(/\s+/g, ' ');
    assert.ok(said.includes(`A name has 1 to ${nameLength} letters`));
    assert.ok(
      said.includes(
        `at most ${batch} messages, priorities go from ${priorityHighest} (first) to ${priorityLowest}, and ${priorityDefault} is meant`,
      ),
    );
  });

  it('receipts.md has the types, the wait of their queues, the ranks and the schedule of the cloud', () => {
    const said = read('receipts.md').replaceAll(/\s+/g, ' ');
    for (const type of receiptTypes) assert.ok(said.includes(`| \`${type}\` |`), type);
    assert.ok(said.includes(`for ${receiptQueueAttributes.pollingWaitSeconds} seconds.`));
    const ranked = (['sent', 'failed', 'delivered', 'read'] as const).map(toRank);
    assert.deepEqual(ranked, ranked.toSorted());
    assert.ok(said.includes('Sent, then Failed, Delivered, Read.'));
    assert.deepEqual(presets.cams, { timeoutMs: 3000, scheduleMs: [0, 60_000, 300_000] });
    assert.ok(said.includes('3 seconds and tries three times in all, after one minute and five'));
  });

  it('whatsapp.md has the sizes of files', () => {
    for (const [kind, megabytes] of rowsOf('whatsapp.md', 'Files'))
      assert.equal(toMaxBytes('whatsapp', kind as 'image'), Number(megabytes) * 1024 * 1024, kind);
    assert.equal(rowsOf('whatsapp.md', 'Files').length, 4);
  });

  it('viber.md has every status of both products with what it means', () => {
    assert.deepEqual(
      rowsOf('viber.md', 'Bots'),
      Object.entries(botStatuses).map(([status, { name, failure }]) => [`${status} ${name}`, failure]),
    );
    assert.deepEqual(
      rowsOf('viber.md', 'Business Messages'),
      Object.entries(businessStatuses).map(([status, { code, failure }]) => [`${status} ${code}`, failure]),
    );
  });
});
