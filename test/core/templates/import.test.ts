// Templates that a channel has at its vendor, taken over into a real store, with a vendor that is played here.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Connector, UnreadTemplate } from '../../../src/channels/channel.ts';
import { readListed } from '../../../src/channels/kit/listed-templates.ts';
import { tryParseJson } from '../../../src/channels/kit/json.ts';
import type { JsonObject } from '../../../src/channels/kit/json.ts';
import { system } from '../../../src/domain/account.ts';
import { digestContent } from '../../../src/domain/template-content.ts';
import type { Template } from '../../../src/domain/template.ts';
import { record } from '../../../src/core/receipts/record.ts';
import { adoptTemplates } from '../../../src/core/templates/import.ts';
import { createReviews } from '../../../src/core/templates/reviews.ts';
import { watchTemplates } from '../../../src/core/templates/watch.ts';
import type { NewTemplate } from '../../../src/store/store.ts';
import { openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

const minute = 60_000;
const wabaId = '100000000000001';

let hooks: HookApp;
/** What the vendor has, in Meta's words. */
let there: readonly object[];
let isWhole = true;
let unread: UnreadTemplate[] = [];
let emitted: object[] = [];
beforeEach(async () => {
  hooks = await openHookApp();
  there = [];
  isWhole = true;
  unread = [];
  emitted = [];
});
afterEach(() => hooks.close());

const connector: Connector = {
  verify: () => false,
  parse: () => ({ events: [], remarks: [] }),
  submitTemplate: async () => ({ kind: 'later' }),
  fetchTemplate: async (_channel, { vendorId, name }) => {
    const found = read().find((one) => one.name === name && one.vendorId === vendorId);
    const { status, reason } = found ?? { status: 'disabled' as const, reason: '' };
    return { kind: 'known', vendorId: vendorId ?? '', status: status ?? 'auditing', reason };
  },
  listTemplates: async () => ({ templates: read(), isWhole, unread }),
};

function read() {
  // Through JSON, as an answer comes.
  const parsed = tryParseJson(Buffer.from(JSON.stringify(there))) as readonly JsonObject[];
  return parsed.flatMap((one) => readListed(one, { by: 'waba', id: wabaId }) ?? []);
}

const toDeps = () => ({
  store: hooks.store,
  connectors: { whatsapp: connector },
  emit: (name: string, fields: object) => emitted.push({ name, ...fields }),
  now: hooks.now,
  monotonic: hooks.monotonic,
  record: (...[channel, body, parsed]: Parameters<Parameters<typeof adoptTemplates>[0]['record']>) =>
    record(hooks.recording, channel, body, parsed),
});

async function findChannel() {
  const found = await hooks.store.findChannel('wa');
  assert.ok(found !== undefined);
  return found;
}

async function adopt(replace = false) {
  return adoptTemplates(toDeps(), await findChannel(), { replace });
}

const listed = (changes: object = {}) => ({
  ...{ id: '901', name: 'hello', language: 'en', category: 'UTILITY', status: 'APPROVED' },
  parameter_format: 'NAMED',
  components: [{ type: 'BODY', text: 'Hello {{name}}' }],
  ...changes,
});

const own = (changes: Partial<NewTemplate> = {}): NewTemplate => ({
  channelId: 'wa',
  code: 'c1',
  language: 'en',
  name: 'hello',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [{ Type: 'BODY', Text: 'Hello $(name)' }],
  example: {},
  status: 'pass',
  reason: '',
  allowSend: true,
  categoryChangePaused: false,
  ttlSeconds: null,
  quality: 'UNKNOWN',
  vendorId: '901',
  parameterFormat: 'NAMED',
  isEdited: false,
  offered: [],
  asked: null,
  reviewAt: null,
  ...changes,
});

const make = (changes: Partial<NewTemplate> = {}) =>
  hooks.store.createTemplate(hooks.accountId, own(changes), system);

async function find(): Promise<Template> {
  hooks.clock.advance(minute);
  const [template] = await hooks.store.findTemplates(hooks.accountId, { name: 'hello', language: 'en' });
  assert.ok(template !== undefined);
  return template;
}

const audits = async () =>
  (await hooks.drain('ChatAppAudit')).map(({ TemplateCode, AuditStatus }) => [TemplateCode, AuditStatus]);

/** What WhatsApp tells of a template. */
async function tell(event: string, time = 1_780_000_000, id = 901): Promise<void> {
  const value = {
    event,
    message_template_id: id,
    message_template_name: 'hello',
    message_template_language: 'en',
    reason: 'NONE',
  };
  const changes = [{ field: 'message_template_status_update', value }];
  const body = { object: 'whatsapp_business_account', entry: [{ id: wabaId, time, changes }] };
  hooks.clock.advance(1000);
  assert.equal(await hooks.post(JSON.stringify(body)), 200);
}

describe('a template that only the vendor has', () => {
  it('is there afterwards with all that the vendor says, once, and no receipt tells of a review', async () => {
    there = [
      listed(),
      listed({ id: '902', language: 'de', status: 'PAUSED' }),
      listed({ id: '903', name: 'bye' }),
    ];
    assert.partialDeepStrictEqual(await adopt(), { listed: 3, made: 3, changed: 0, differing: [] });
    assert.partialDeepStrictEqual(await adopt(), { listed: 3, made: 0, changed: 0 });
    const { code, ...english } = await find();
    assert.partialDeepStrictEqual(english, {
      ...{ vendorId: '901', status: 'pass', parameterFormat: 'NAMED', allowSend: true },
      components: [{ Type: 'BODY', Text: 'Hello $(name)' }],
    });
    assert.match(code, /^[0-9a-f]{32}$/);
    const languages = await hooks.store.findTemplates(hooks.accountId, { code });
    assert.deepEqual(
      languages.map(({ language, status }) => [language, status]),
      [
        ['de', 'paused'],
        ['en', 'pass'],
      ],
    );
    assert.deepEqual(await audits(), []);
    await tell('PAUSED');
    assert.equal((await find()).status, 'paused');
    assert.deepEqual(await audits(), [[code, 'paused']]);
  });

  it('can be found by its code, its name and the id that the vendor gave it', async () => {
    there = [listed()];
    await adopt();
    const { code } = await find();
    for (const key of [code, 'hello', '901'])
      assert.equal((await hooks.directory.template(hooks.accountId, 'wa', key, 'en'))?.vendorId, '901', key);
  });

  it('is not brought back while it is still to be deleted there', async () => {
    there = [listed()];
    await make();
    await hooks.store.deleteTemplate(hooks.accountId, 'wa', 'c1', 'en', system);
    assert.partialDeepStrictEqual(await adopt(), { listed: 1, made: 0 });
    assert.deepEqual(await hooks.store.findTemplates(hooks.accountId, {}), []);
  });
});

describe('a template that is here as well', () => {
  it('and was never handed in is joined to what says the same there', async () => {
    there = [listed({ parameter_format: 'POSITIONAL', components: [{ type: 'BODY', text: 'Hello {{1}}' }] })];
    await make({ vendorId: null, status: 'fail', reason: 'Left alone.' });
    assert.partialDeepStrictEqual(await adopt(), { changed: 1, differing: [] });
    assert.partialDeepStrictEqual(await find(), {
      ...{ vendorId: '901', status: 'pass', parameterFormat: 'POSITIONAL', code: 'c1', reason: '' },
      components: [{ Type: 'BODY', Text: 'Hello $(name)' }],
    });
    assert.deepEqual(await audits(), [['c1', 'pass']]);
  });

  it('and says otherwise is told with what differs and stays, until it is to be replaced', async () => {
    there = [listed({ components: [{ type: 'BODY', text: 'Good day {{name}}' }] })];
    await make({ vendorId: null, status: 'fail' });
    const { changed, differing } = await adopt();
    assert.equal(changed, 0);
    assert.deepEqual(differing, [
      {
        ...{ name: 'hello', language: 'en' },
        differences: ['BODY.Text is "Good day {{name}}" there and "Hello {{name}}" here'],
      },
    ]);
    assert.partialDeepStrictEqual(await find(), { vendorId: null, status: 'fail' });
    assert.partialDeepStrictEqual(await adopt(true), { changed: 1, differing: [] });
    assert.partialDeepStrictEqual(await find(), {
      ...{ vendorId: '901', status: 'pass' },
      components: [{ Type: 'BODY', Text: 'Good day $(name)' }],
    });
  });

  it('and was changed in the pages of the vendor says what it says there, under the names that it has here', async () => {
    await make({
      parameterFormat: 'POSITIONAL',
      components: [
        { Type: 'HEADER', Format: 'IMAGE', Url: 'https://a.example/$(pic)' },
        { Type: 'BODY', Text: 'Hello $(name), $(order)' },
      ],
    });
    const header = { type: 'HEADER', format: 'IMAGE' };
    there = [
      listed({
        parameter_format: 'POSITIONAL',
        quality_score: { score: 'RED' },
        components: [header, { type: 'BODY', text: 'Dear {{1}}, {{2}} comes' }],
      }),
    ];
    assert.partialDeepStrictEqual(await adopt(), { changed: 1 });
    assert.partialDeepStrictEqual(await find(), {
      ...{ quality: 'RED', parameterFormat: 'POSITIONAL', status: 'pass' },
      components: [
        { Type: 'HEADER', Format: 'IMAGE', Url: 'https://a.example/$(pic)' },
        { Type: 'BODY', Text: 'Dear $(name), $(order) comes' },
      ],
    });
    assert.partialDeepStrictEqual(await adopt(), { changed: 0 });
    there = [
      listed({
        parameter_format: 'POSITIONAL',
        quality_score: { score: 'RED' },
        components: [{ type: 'BODY', text: '{{2}} for {{1}} and {{3}}' }],
      }),
    ];
    assert.partialDeepStrictEqual(await adopt(), { changed: 1 });
    assert.partialDeepStrictEqual(await find(), {
      parameterFormat: 'NUMBERED',
      components: [{ Type: 'BODY', Text: '$(2) for $(1) and $(3)' }],
    });
  });

  it('keeps a change that is still to be made there', async () => {
    there = [listed()];
    const components = [{ Type: 'BODY', Text: 'New $(name)' }];
    await make({ isEdited: true, status: 'auditing', components, reviewAt: hooks.clock.now() });
    assert.partialDeepStrictEqual(await adopt(), { changed: 0 });
    assert.partialDeepStrictEqual(await find(), { isEdited: true, status: 'auditing', components });
  });

  it('and stands there at a word that is not known stays where its review stood, and is told', async () => {
    await make();
    there = [listed({ status: 'SOMETHING_NEW' })];
    const { changed, unread } = await adopt();
    assert.deepEqual([changed, unread[0]?.parts], [0, ['status SOMETHING_NEW']]);
    assert.equal((await find()).status, 'pass');
    assert.deepEqual(await audits(), []);
    assert.partialDeepStrictEqual(emitted[0], {
      name: 'channel.unrecognized',
      call: 'list',
      code: 'SOMETHING_NEW',
    });
  });

  it('and is another there by now, at a word that is not known, keeps its review with its reason', async () => {
    await make({ status: 'fail', reason: 'SCAM', vendorId: '900' });
    there = [listed({ status: 'SOMETHING_NEW' })];
    await adopt();
    assert.partialDeepStrictEqual(await find(), { status: 'fail', reason: 'SCAM' });
    assert.deepEqual(await audits(), []);
  });

  it('keeps what it says when only its category was changed there', async () => {
    const components = [
      { Type: 'HEADER', Format: 'IMAGE', Url: 'https://a.example/fixed.png' },
      ...own().components,
    ];
    await make({ components });
    there = [
      listed({
        category: 'MARKETING',
        components: [
          { type: 'HEADER', format: 'IMAGE' },
          { type: 'BODY', text: 'Hello {{name}}' },
        ],
      }),
    ];
    assert.partialDeepStrictEqual(await adopt(), { changed: 1 });
    assert.partialDeepStrictEqual(await find(), { category: 'MARKETING', components });
  });

  it('and was deleted there is found gone once the vendor is asked for it, but not by half a list', async () => {
    await make();
    hooks.clock.advance(20 * minute);
    const look = async () => {
      const reviews = createReviews({
        ...toDeps(),
        directory: hooks.directory,
        raiseNotice: () => undefined,
        signLinks: (_accountId, value) => value,
        localReviewMs: 0,
      });
      reviews.start();
      await reviews.idle();
      await reviews.stop();
    };
    isWhole = false;
    await adopt();
    await look();
    assert.equal((await find()).status, 'pass');
    isWhole = true;
    await adopt();
    await look();
    assert.equal((await find()).status, 'disabled');
    assert.deepEqual(await audits(), [['c1', 'disabled']]);
  });
});

it('what cannot be read in a list is told, and nothing is taken over of it', async () => {
  await make();
  there = [listed()];
  unread = [{ name: 'odd', language: '', parts: ['not taken over, for want of language'] }];
  const adopted = await adopt();
  assert.deepEqual([adopted.listed, adopted.made, adopted.unread], [1, 0, unread]);
});

describe('a review whose webhook was lost', () => {
  it('is told once by the list, however often that is read and by how many at once', async () => {
    await make();
    there = [listed({ status: 'PAUSED' })];
    await Promise.all([adopt(), adopt(), adopt()]);
    await adopt();
    assert.equal((await find()).status, 'paused');
    assert.deepEqual(await audits(), [['c1', 'paused']]);
  });

  it('and whose webhook comes after all is the same receipt', async () => {
    await make();
    there = [listed({ status: 'PAUSED' })];
    await adopt();
    await tell('PAUSED');
    await tell('PAUSED');
    assert.deepEqual(await audits(), [['c1', 'paused']]);
    // What is told from then on is news.
    await tell('APPROVED', 1_780_000_100);
    await tell('PAUSED', 1_780_000_200);
    await tell('PAUSED', 1_780_000_200);
    assert.deepEqual(await audits(), [
      ['c1', 'pass'],
      ['c1', 'paused'],
    ]);
    assert.equal((await find()).status, 'paused');
  });

  it('and one that comes again later, by the time of the channel, is another receipt', async () => {
    await make();
    there = [listed({ status: 'PAUSED' })];
    await adopt();
    const later = Math.floor(hooks.clock.now() / 1000) + 3600;
    await tell('PAUSED', later);
    assert.deepEqual(await audits(), [
      ['c1', 'paused'],
      ['c1', 'paused'],
    ]);
  });

  it('and that was told meanwhile is not told again', async () => {
    await make();
    const channel = await findChannel();
    there = [listed({ status: 'PAUSED' })];
    const deps = toDeps();
    // The webhook comes between the vendor's answer and what is made of it.
    const slow: Connector = {
      ...connector,
      listTemplates: async () => ({ templates: read(), isWhole, unread: [] }),
    };
    const store = {
      ...deps.store,
      findTemplates: async (...args: Parameters<typeof deps.store.findTemplates>) => {
        const found = await deps.store.findTemplates(...args);
        await tell('PAUSED');
        return found;
      },
    };
    await adoptTemplates({ ...deps, store, connectors: { whatsapp: slow } }, channel);
    await tell('PAUSED');
    assert.deepEqual(await audits(), [['c1', 'paused']]);
  });
});

it('what was handed in without an answer is left to its review', async () => {
  const before = own({ components: [{ Type: 'BODY', Text: 'First $(name)' }] });
  await make({ vendorId: null, status: 'auditing', offered: [digestContent(before)] });
  there = [listed({ status: 'PENDING', components: [{ type: 'BODY', text: 'First {{name}}' }] })];
  assert.partialDeepStrictEqual(await adopt(), { changed: 0, differing: [] });
  assert.equal((await find()).vendorId, null);
});

it('the watch looks at every channel with templates when its time has come, whatever one of them answers', async () => {
  const timers: (() => void)[] = [];
  const seen: string[] = [];
  await hooks.addPages('messenger', 'pages', ['501']);
  const watch = watchTemplates({
    store: hooks.store,
    hasTemplates: ({ type }) => type !== 'sandbox',
    adopt: async ({ id }) => {
      seen.push(id);
      throw new Error('a bug');
    },
    emit: () => undefined,
    now: hooks.now,
    monotonic: hooks.monotonic,
    random: () => 0.5,
    intervalMs: 60 * minute,
    setTimer: (callback, ms) => {
      assert.ok(ms > 0 && ms <= 72 * minute);
      timers.push(callback);
      return () => undefined;
    },
  });
  watch.start();
  timers.shift()?.();
  await watch.look();
  assert.deepEqual(seen.toSorted(), ['pages', 'pages', 'wa', 'wa']);
  await watch.stop();
});
