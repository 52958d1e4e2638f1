// Templates made, changed and switched off over a real store, as both protocols do it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { changeProperties } from '../../../src/core/templates/properties.ts';
import { modifyTemplate, submitTemplate } from '../../../src/core/templates/submission.ts';
import type { GivenTemplate, SubmissionDeps, TemplateOwner } from '../../../src/core/templates/submission.ts';
import type { Channel } from '../../../src/domain/channel.ts';
import type { RefusalReason } from '../../../src/domain/refusal.ts';
import type { Template } from '../../../src/domain/template.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';

const body = [{ Type: 'body', Text: 'Order $(order) is on its way.' }];
const given: GivenTemplate = {
  name: 'order_shipped',
  language: 'en',
  type: 'WHATSAPP',
  category: 'utility',
  components: body,
  example: { order: 4711 },
};

let opened: TestStore;
let deps: SubmissionDeps;
let owner: TemplateOwner;
let sandbox: Channel;

before(async () => {
  opened = await openTestStore();
  deps = { store: opened.store, now: opened.clock.now };
  const { accountId } = opened;
  const [channel] = await opened.store.listChannels(accountId);
  assert.ok(channel?.type === 'sandbox');
  sandbox = channel;
  owner = { accountId: channel.accountId, actor: { kind: 'key', id: 'k' } };
});
after(() => opened.close());

async function find(language = 'en', name = given.name): Promise<Template> {
  const [found] = await opened.store.findTemplates(owner.accountId, { name, language });
  assert.ok(found);
  return found;
}

const refused = (reason: RefusalReason, text: RegExp) => ({ name: 'Refusal', reason, text });

describe('a template', () => {
  it('is kept in the spelling of the API and waits for its review', async () => {
    const code = await submitTemplate(deps, owner, sandbox, given);
    const { category, components, example, status, ttlSeconds, code: kept, reviewAt } = await find();
    assert.deepEqual(
      { category, components, example, status, ttlSeconds, kept },
      {
        category: 'UTILITY',
        components: [{ Type: 'BODY', Text: 'Order $(order) is on its way.' }],
        example: { order: '4711' },
        status: 'auditing',
        ttlSeconds: null,
        kept: code,
      },
    );
    assert.equal(reviewAt, opened.clock.now());
  });

  it('is made once', async () => {
    await assert.rejects(
      submitTemplate(deps, owner, sandbox, given),
      refused('template_name_taken', /^There is a template order_shipped in en already\.$/),
    );
    await assert.rejects(
      submitTemplate(deps, owner, sandbox, { ...given, category: 'MARKETING' }),
      refused('template_name_taken', /what it says differs: /),
    );
  });

  const broken: [what: string, change: Partial<GivenTemplate>, reason: RefusalReason, text: RegExp][] = [
    ['a language', { language: 'en-US' }, 'language', /no language code/],
    ['a category', { category: 'NEWS' }, 'parameter_invalid', /^Category /],
    ['a name', { name: 'Not so' }, 'template', /^Name /],
    ['a type', { type: 'VIBER', name: 'a\0', category: 'text' }, 'parameter_invalid', /^Name holds a NUL/],
    ['components', { components: [] }, 'parameter_missing', /^Components is required/],
    ['a component', { components: ['x'] }, 'template', /^Every component /],
    ['half a character', { components: [{ Type: 'BODY', Text: 'x\ud800' }] }, 'parameter_invalid', /NUL/],
    ['an example', { example: { order: {} } }, 'parameter_invalid', /^Example has to hold text under order/],
    ['a time to live', { ttlSeconds: 29 }, 'parameter_invalid', /^MessageSendTtlSeconds /],
    ['no number', { ttlSeconds: Number.NaN }, 'parameter_invalid', /^MessageSendTtlSeconds /],
  ];
  for (const [what, change, reason, text] of broken)
    it(`is refused for ${what}`, async () => {
      await assert.rejects(
        submitTemplate(deps, owner, sandbox, { ...given, name: 'other', ...change }),
        refused(reason, text),
      );
    });

  it('is refused on a channel of another type', async () => {
    await assert.rejects(
      submitTemplate(deps, owner, { ...sandbox, id: 'v', type: 'viber' }, given),
      refused('template_type', /^v is a channel of viber\.$/),
    );
  });
});

describe('a change', () => {
  it('replaces what is said and keeps what is left out', async () => {
    await submitTemplate(deps, owner, sandbox, {
      ...given,
      language: 'de',
      ttlSeconds: 60,
      categoryChangePaused: true,
    });
    await modifyTemplate(deps, owner, await find('de'), { components: [{ Type: 'BODY', Text: 'Hallo.' }] });
    const { components, example, ttlSeconds, categoryChangePaused, isEdited } = await find('de');
    assert.deepEqual(components, [{ Type: 'BODY', Text: 'Hallo.' }]);
    assert.deepEqual(
      { example, ttlSeconds, categoryChangePaused, isEdited },
      {
        example: {},
        ttlSeconds: 60,
        categoryChangePaused: true,
        isEdited: true,
      },
    );
  });

  it('keeps variables by their places where the channel knows them so, and only there', async () => {
    await submitTemplate(deps, owner, sandbox, { ...given, language: 'fr' });
    const named = [{ Type: 'BODY', Text: 'Order $(order)' }];
    const placed = [{ Type: 'BODY', Text: 'Order $(Order)' }];
    for (const [vendorId, before, components, after] of [
      [null, 'POSITIONAL', named, 'NAMED'],
      ['v1', 'POSITIONAL', named, 'POSITIONAL'],
      ['v1', 'NAMED', named, 'NAMED'],
      ['v1', 'NAMED', placed, 'POSITIONAL'],
    ] as const) {
      const template = { ...(await find('fr')), vendorId, parameterFormat: before };
      await modifyTemplate(deps, owner, template, { components });
      assert.equal((await find('fr')).parameterFormat, after, `${vendorId} ${before} ${components[0]?.Text}`);
    }
  });

  it('of the category is none on WhatsApp', async () => {
    await assert.rejects(
      modifyTemplate(deps, owner, await find('de'), { category: 'MARKETING', components: body }),
      refused('template', /^The category of a WhatsApp template cannot be changed\.$/),
    );
  });

  it('is for what it was looked at', async () => {
    await assert.rejects(
      modifyTemplate(
        deps,
        { ...owner, expected: { kind: 'versions', versions: ['other'] } },
        await find('de'),
        { components: body },
      ),
      { code: 'changed_meanwhile' },
    );
  });

  it('of one that has passed, or is gone, is refused', async () => {
    const template = await find('de');
    const { channelId, code, language } = template;
    const key = { channelId, code, language };
    await opened.store.updateTemplate(owner.accountId, { ...key, status: 'pass' }, owner.actor);
    await assert.rejects(
      modifyTemplate(deps, owner, template, { components: body }),
      refused(
        'template',
        /^Only a template whose review stands at auditing, fail, unaudit may be modified\./,
      ),
    );
    await opened.store.deleteTemplate(owner.accountId, channelId, code, language, owner.actor);
    await assert.rejects(
      modifyTemplate(deps, owner, template, { components: body }),
      refused('template_unknown', /^There is no such template in that language\.$/),
    );
    await assert.rejects(
      changeProperties(deps, owner, template, { allowSend: false, categoryChangePaused: undefined }),
      refused('template_unknown', /^There is no such template/),
    );
  });

  it('of properties leaves the review as it stands', async () => {
    const before = await find();
    await changeProperties(deps, owner, before, { allowSend: false, categoryChangePaused: undefined });
    const { allowSend, categoryChangePaused, status } = await find();
    assert.deepEqual([allowSend, categoryChangePaused, status], [false, false, before.status]);
  });
});
