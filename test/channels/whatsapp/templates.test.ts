import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { digestContent } from '../../../src/domain/template-content.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { ReceivedCall, Receiver } from '../../support/receiver.ts';
import { channel, openGraphBed, toTemplate } from '../../support/graph.ts';
import type { GraphBed, Reply } from '../../support/graph.ts';

let bed: GraphBed;
let sample: Receiver;
let replies: readonly (readonly [RegExp, Reply])[] = [];
const answer = (call: ReceivedCall): Reply =>
  replies.find(([path]) => path.test(call.path))?.[1] ?? { status: 500, body: { error: { code: 1 } } };
before(async () => {
  bed = await openGraphBed(answer);
  sample = await openReceiver((_call, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end('png bytes'),
  );
});
beforeEach(() => {
  replies = [[/message_templates/, { body: { id: '901', status: 'PENDING', category: 'UTILITY' } }]];
});
after(async () => {
  await bed.close();
  await sample.close();
});

const callsOf = (path: RegExp) => bed.calls.filter((call) => path.test(call.path));
const bodyOf = (call: ReceivedCall | undefined) => JSON.parse(call?.body ?? '') as Record<string, unknown>;
const fresh = (changes: Parameters<typeof toTemplate>[0]) => toTemplate({ vendorId: null, ...changes });

describe('a template on its way to its review', () => {
  it('is submitted in the words of Meta, its variables numbered and its samples beside them', async () => {
    const template = fresh({
      category: 'MARKETING',
      ttlSeconds: 3600,
      example: { who: 'Bob', code: 'A1', coupon: 'SAVE' },
      components: [
        { Type: 'HEADER', Format: 'TEXT', Text: 'For $(who)' },
        { Type: 'BODY', Text: '$(code) for $(who), $(code)' },
        { Type: 'FOOTER', Text: 'Bye' },
        {
          Type: 'BUTTONS',
          Buttons: [
            { Type: 'QUICK_REPLY', Text: 'Yes' },
            { Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '15550001111' },
            { Type: 'URL', Text: 'Fixed', Url: 'https://a.example/' },
            { Type: 'URL', Text: 'Track', Url: 'https://a.example/$(code)' },
            { Type: 'COPY_CODE', CouponCode: '$(coupon)' },
            { Type: 'FLOW', Text: 'Form', FlowId: '7', FlowAction: 'NAVIGATE', NavigateScreen: 'START' },
            { Type: 'CATALOG', Text: 'View' },
            { Type: 'MPM', Text: 'Items' },
          ],
        },
        { Type: 'LIMITED_TIME_OFFER', Text: 'Sale', HasExpiration: true },
      ],
    });
    assert.deepEqual(await bed.connector.submitTemplate(channel, template), {
      kind: 'known',
      vendorId: '901',
      status: 'auditing',
      reason: '',
    });
    assert.deepEqual(bodyOf(callsOf(/message_templates/).at(-1)), {
      name: 'order_update',
      language: 'en_US',
      category: 'MARKETING',
      parameter_format: 'POSITIONAL',
      message_send_ttl_seconds: 3600,
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'For {{1}}', example: { header_text: ['Bob'] } },
        { type: 'BODY', text: '{{1}} for {{2}}, {{1}}', example: { body_text: [['A1', 'Bob']] } },
        { type: 'FOOTER', text: 'Bye' },
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'QUICK_REPLY', text: 'Yes' },
            { type: 'PHONE_NUMBER', text: 'Call', phone_number: '15550001111' },
            { type: 'URL', text: 'Fixed', url: 'https://a.example/' },
            { type: 'URL', text: 'Track', url: 'https://a.example/{{1}}', example: ['https://a.example/A1'] },
            { type: 'COPY_CODE', example: 'SAVE' },
            { type: 'FLOW', text: 'Form', flow_id: '7', flow_action: 'navigate', navigate_screen: 'START' },
            { type: 'CATALOG', text: 'View' },
            { type: 'MPM', text: 'Items' },
          ],
        },
        { type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'Sale', has_expiration: true } },
      ],
    });
  });

  it('for one-time codes carries what Meta generates its text from', async () => {
    const apps = [{ PackageName: 'com.example', SignatureHash: 'K8a/AINcGX7' }];
    const template = fresh({
      category: 'AUTHENTICATION',
      components: [
        { Type: 'BODY', AddSecretRecommendation: true },
        { Type: 'FOOTER', CodeExpirationMinutes: 5 },
        { Type: 'BUTTONS', Buttons: [{ Type: 'ONE_TAP', Text: 'Fill', SupportedApps: apps }] },
      ],
    });
    await bed.connector.submitTemplate(channel, template);
    assert.deepEqual(bodyOf(callsOf(/message_templates/).at(-1))['components'], [
      { type: 'BODY', add_security_recommendation: true },
      { type: 'FOOTER', code_expiration_minutes: 5 },
      {
        type: 'BUTTONS',
        buttons: [
          {
            type: 'OTP',
            otp_type: 'ONE_TAP',
            text: 'Fill',
            supported_apps: [{ package_name: 'com.example', signature_hash: 'K8a/AINcGX7' }],
          },
        ],
      },
    ]);
  });

  it('has the samples of its headers uploaded, those of cards too', async () => {
    replies = [
      [/debug_token/, { body: { data: { app_id: '300', is_valid: true } } }],
      [/\/300\/uploads/, { body: { id: 'upload:session' } }],
      [/upload%3Asession/, { body: { h: '4::handle' } }],
      ...replies,
    ];
    const header = { Type: 'HEADER', Format: 'IMAGE', Url: `${sample.url}/$(pic)` };
    const template = fresh({
      example: { pic: 'a.png' },
      components: [
        header,
        { Type: 'BODY', Text: 'Hi' },
        { Type: 'CAROUSEL', Cards: [{ CardComponents: [header, { Type: 'BODY', Text: 'Card' }] }] },
      ],
    });
    assert.equal((await bed.connector.submitTemplate(channel, template)).kind, 'known');
    const uploaded = { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::handle'] } };
    assert.deepEqual(bodyOf(callsOf(/message_templates/).at(-1))['components'], [
      uploaded,
      { type: 'BODY', text: 'Hi' },
      { type: 'CAROUSEL', cards: [{ components: [uploaded, { type: 'BODY', text: 'Card' }] }] },
    ]);
    assert.equal(sample.calls.at(-1)?.path, '/a.png');
    const [upload] = callsOf(/upload%3Asession/);
    assert.equal(upload?.body, 'png bytes');
    assert.equal(upload.headers['authorization'], 'OAuth EAAtoken');
    assert.equal(upload.headers['file_offset'], '0');
  });

  /** Meta has a template of the name already. */
  const hasAlready = (own: object): void => {
    replies = [
      [
        /message_templates$/,
        { status: 400, body: { error: { message: 'exists', code: 100, error_subcode: 2388024 } } },
      ],
      [
        /message_templates\?/,
        {
          body: {
            data: [
              { id: '11', name: 'order_update', language: 'de' },
              { id: '12', name: 'order_update', language: 'en_US', category: 'UTILITY', ...own },
            ],
          },
        },
      ],
      [/\/12$/, { body: { success: true } }],
    ];
  };
  const edits = () => callsOf(/\/12$/).length;
  const bodyText = (text: string) => ({ components: [{ type: 'BODY', text }] });

  it('that Meta has already and that says the same is taken as it stands, whatever it calls its variables', async () => {
    const before = edits();
    hasAlready({
      ...bodyText('Hello {{1}}, order {{2}}'),
      status: 'APPROVED',
      parameter_format: 'POSITIONAL',
    });
    const positional = fresh({
      parameterFormat: 'NAMED',
      components: [{ Type: 'BODY', Text: 'Hello $(name), order $(order)' }],
    });
    assert.deepEqual(await bed.connector.submitTemplate(channel, positional), {
      ...{ kind: 'known', vendorId: '12', status: 'pass', reason: '' },
      parameterFormat: 'POSITIONAL',
    });
    hasAlready({ ...bodyText('Hello {{name}}'), status: 'PAUSED', parameter_format: 'NAMED' });
    const named = fresh({ components: [{ Type: 'BODY', Text: 'Hello $(name)' }] });
    assert.deepEqual(await bed.connector.submitTemplate(channel, named), {
      ...{ kind: 'known', vendorId: '12', status: 'paused', reason: '' },
      parameterFormat: 'NAMED',
    });
    assert.equal(edits(), before);
  });

  it('that Meta has already and that says otherwise is refused with what differs, and left alone there', async () => {
    const before = edits();
    for (const [own, expected] of [
      [bodyText('Old'), /BODY\.Text is "Old" there and "New \{\{1\}\}" here/],
      [
        { ...bodyText('New {{1}}'), category: 'MARKETING' },
        /Category is "MARKETING" there and "UTILITY" here/,
      ],
      [
        { ...bodyText('New {{who}}'), parameter_format: 'NAMED' },
        /"New \{\{who\}\}" there and "New \{\{name\}\}" here/,
      ],
      [
        {
          components: [
            { type: 'BODY', text: 'New {{1}}' },
            { type: 'FOOTER', text: 'Bye' },
          ],
        },
        /FOOTER\.Text is "Bye" there and absent here/,
      ],
      [
        {
          components: [
            { type: 'BODY', text: 'New {{1}}' },
            { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Go', url: 'https://a.example/{{1}}' }] },
          ],
        },
        /BUTTONS\[0\]\.Url is "https:\/\/a\.example\/\{\{1\}\}" there and absent here/,
      ],
    ] as const) {
      hasAlready({ ...own, status: 'APPROVED' });
      const outcome = await bed.connector.submitTemplate(
        channel,
        fresh({ components: [{ Type: 'BODY', Text: 'New $(name)' }] }),
      );
      assert.match(outcome.kind === 'refused' ? outcome.reason : '', expected);
    }
    assert.equal(edits(), before);
  });

  it('that Meta has from an earlier call whose answer was lost is changed there to what it says now', async () => {
    hasAlready({ ...bodyText('First {{1}}'), category: 'MARKETING', status: 'PENDING' });
    const first = fresh({ components: [{ Type: 'BODY', Text: 'First $(name)' }] });
    const now = fresh({
      components: [{ Type: 'BODY', Text: 'New' }],
      offered: [
        digestContent(fresh({ components: [{ Type: 'BODY', Text: 'Other' }] })),
        digestContent(first),
      ],
    });
    assert.deepEqual(await bed.connector.submitTemplate(channel, now), {
      ...{ kind: 'known', vendorId: '12', status: 'auditing', reason: '' },
    });
    assert.deepEqual(bodyOf(callsOf(/\/12$/).at(-1)), {
      parameter_format: 'POSITIONAL',
      components: [{ type: 'BODY', text: 'New' }],
    });
  });

  it('is changed at Meta by its id where Meta took it before', async () => {
    replies = [
      [/message_templates\?/, { body: { data: [] } }],
      [/\/12$/, { body: { success: true } }],
    ];
    const before = callsOf(/message_templates$/).length;
    const edited = fresh({
      vendorId: '12',
      isEdited: true,
      parameterFormat: 'NAMED',
      example: { name: 'Bob' },
      components: [{ Type: 'BODY', Text: 'Hi $(name)' }],
    });
    assert.partialDeepStrictEqual(await bed.connector.submitTemplate(channel, edited), {
      status: 'auditing',
    });
    assert.deepEqual(bodyOf(callsOf(/\/12$/).at(-1)), {
      parameter_format: 'NAMED',
      components: [
        {
          type: 'BODY',
          text: 'Hi {{name}}',
          example: { body_text_named_params: [{ param_name: 'name', example: 'Bob' }] },
        },
      ],
    });
    assert.equal(callsOf(/message_templates$/).length, before);
  });

  it('is not handed in again where the answer to that was lost and Meta took it, nor changed again', async () => {
    const template = fresh({ components: [{ Type: 'BODY', Text: 'New $(name)' }] });
    const again = { ...template, offered: [digestContent(template)] };
    const edited = { ...template, vendorId: '12', isEdited: true };
    const posts = () => callsOf(/message_templates$|\/12$/).length;
    const before = posts();
    for (const [status, expected] of [
      ['PENDING', 'auditing'],
      ['APPROVED', 'pass'],
    ] as const) {
      hasAlready({ ...bodyText('New {{1}}'), status });
      for (const one of [again, edited])
        assert.partialDeepStrictEqual(await bed.connector.submitTemplate(channel, one), {
          ...{ kind: 'known', vendorId: '12', status: expected, reason: '' },
        });
    }
    replies = [[/message_templates\?/, { status: 503, body: {} }]];
    for (const one of [again, edited])
      assert.equal((await bed.connector.submitTemplate(channel, one)).kind, 'later');
    assert.equal(posts(), before);
    replies = [
      [/message_templates\?/, { body: { data: [] } }],
      [/message_templates$/, { body: { id: '901', status: 'PENDING' } }],
    ];
    assert.partialDeepStrictEqual(await bed.connector.submitTemplate(channel, again), { vendorId: '901' });
    assert.equal(posts(), before + 1, 'what Meta has not is handed in');
    // One that was refused is changed there, also when it says the same: that is how it is reviewed again.
    hasAlready({ ...bodyText('New {{1}}'), status: 'REJECTED' });
    assert.partialDeepStrictEqual(await bed.connector.submitTemplate(channel, edited), {
      status: 'auditing',
    });
    assert.equal(posts(), before + 2);
  });

  it('gives its variables by their names or by their numbers, as its format says, and those of addresses by numbers', async () => {
    const components = [
      { Type: 'HEADER', Format: 'TEXT', Text: 'For $(who)' },
      { Type: 'BODY', Text: '$(b) and $(a)' },
      { Type: 'BUTTONS', Buttons: [{ Type: 'URL', Text: 'Go', Url: 'https://a.example/$(a)' }] },
    ];
    const example = { who: 'Bob', a: '1', b: '2' };
    await bed.connector.submitTemplate(channel, fresh({ parameterFormat: 'NAMED', example, components }));
    assert.partialDeepStrictEqual(bodyOf(callsOf(/message_templates/).at(-1)), {
      parameter_format: 'NAMED',
      components: [
        {
          text: 'For {{who}}',
          example: { header_text_named_params: [{ param_name: 'who', example: 'Bob' }] },
        },
        {
          text: '{{b}} and {{a}}',
          example: {
            body_text_named_params: [
              { param_name: 'b', example: '2' },
              { param_name: 'a', example: '1' },
            ],
          },
        },
        { buttons: [{ url: 'https://a.example/{{1}}', example: ['https://a.example/1'] }] },
      ],
    });
    const numbered = [{ Type: 'BODY', Text: '$(2) and $(1)' }];
    await bed.connector.submitTemplate(
      channel,
      fresh({ parameterFormat: 'NUMBERED', example: { 1: 'one', 2: 'two' }, components: numbered }),
    );
    assert.partialDeepStrictEqual(bodyOf(callsOf(/message_templates/).at(-1)), {
      parameter_format: 'POSITIONAL',
      components: [{ text: '{{2}} and {{1}}', example: { body_text: [['one', 'two']] } }],
    });
  });

  it('is refused with the reason of Meta, and waits while nothing is the matter with it', async () => {
    const outcomeOf = async (reply: Reply) => {
      replies = [[/message_templates/, reply]];
      return bed.connector.submitTemplate(channel, fresh({ components: [{ Type: 'BODY', Text: 'x' }] }));
    };
    const refused = await outcomeOf({
      status: 400,
      body: { error: { message: 'Invalid parameter', code: 100, error_user_msg: 'Too many variables' } },
    });
    assert.deepEqual(refused, { kind: 'refused', reason: 'Invalid parameter – Too many variables' });
    const expired = await outcomeOf({ status: 401, body: { error: { message: 'expired', code: 190 } } });
    assert.equal(expired.kind, 'later');
    // Limits, permissions, a wrong id, an unknown code: no word on what the template says.
    for (const code of [80007, 80008, 4, 17, 613, 10, 200, 3, 33, 368, 131000, 2388019, 777001]) {
      const other = await outcomeOf({ status: 400, body: { error: { message: 'no', code } } });
      assert.equal(other.kind, 'later', String(code));
      const unrecognized = other.kind === 'later' ? other.unrecognized : '';
      assert.equal(unrecognized, code === 777001 ? '777001' : undefined);
    }
    for (const error_subcode of [33, 2388019]) {
      const error = { message: 'no', code: 100, error_subcode };
      assert.equal((await outcomeOf({ status: 400, body: { error } })).kind, 'later');
    }
    assert.equal((await outcomeOf({ status: 502, body: Buffer.from('<html>') })).kind, 'later');
  });

  it('whose sample cannot be fetched is refused with the reason', async () => {
    const components = [{ Type: 'HEADER', Format: 'IMAGE', Url: 'https://nowhere.invalid/a.png' }];
    const outcome = await bed.connector.submitTemplate(channel, fresh({ components }));
    assert.match(outcome.kind === 'refused' ? outcome.reason : '', /cannot be fetched/);
  });
});

describe('a template at Meta', () => {
  it('is asked for how its review stands', async () => {
    const statusOf = async (body: unknown) => {
      replies = [[/\/900\?/, { body }]];
      return bed.connector.fetchTemplate(channel, toTemplate({}));
    };
    assert.partialDeepStrictEqual(await statusOf({ status: 'APPROVED', rejected_reason: 'NONE' }), {
      status: 'pass',
      reason: '',
    });
    assert.partialDeepStrictEqual(await statusOf({ status: 'REJECTED', rejected_reason: 'INVALID_FORMAT' }), {
      status: 'fail',
      reason: 'INVALID_FORMAT',
    });
    assert.partialDeepStrictEqual(await statusOf({ status: 'PAUSED' }), { status: 'paused' });
    // A word that is not known is none on it.
    assert.deepEqual(await statusOf({ status: 'SOMETHING_NEW' }), {
      kind: 'later',
      unrecognized: 'SOMETHING_NEW',
    });
    const gone: Reply = { status: 400, body: { error: { message: 'gone', code: 100, error_subcode: 33 } } };
    const ask = async (list: Reply) => {
      replies = [
        [/\/900\?/, gone],
        [/message_templates\?name=/, list],
      ];
      return bed.connector.fetchTemplate(channel, toTemplate({}));
    };
    assert.partialDeepStrictEqual(await ask({ body: { data: [] } }), { kind: 'known', status: 'disabled' });
    // A token that may not see it any more is answered with the same, and cannot list either.
    assert.equal((await ask(gone)).kind, 'later');
    assert.equal((await ask({ status: 400, body: { error: { code: 80008 } } })).kind, 'later');
    replies = [];
    assert.equal((await bed.connector.fetchTemplate(channel, toTemplate({}))).kind, 'later');
  });

  it('is deleted by its id, and one that is gone is as good', async () => {
    replies = [[/message_templates\?/, { body: { success: true } }]];
    assert.equal(await bed.connector.deleteTemplate(channel, toTemplate({})), null);
    assert.match(bed.calls.at(-1)?.path ?? '', /hsm_id=900&name=order_update/);
    const gone: Reply = { status: 400, body: { error: { message: 'gone', code: 100 } } };
    const deleteWith = async (list: Reply) => {
      replies = [
        [/hsm_id=/, gone],
        [/message_templates\?name=/, list],
      ];
      return bed.connector.deleteTemplate(channel, toTemplate({}));
    };
    assert.equal(await deleteWith({ body: { data: [] } }), null);
    const there = { id: '900', name: 'order_update', language: toTemplate({}).language, components: [] };
    assert.equal((await deleteWith({ body: { data: [there] } }))?.fault, 'refused');
    assert.notEqual(await deleteWith(gone), null);
    assert.equal((await deleteWith({ status: 400, body: { error: { code: 80008 } } }))?.fault, 'later');
    replies = [[/message_templates\?/, { status: 401, body: { error: { message: 'no', code: 190 } } }]];
    assert.equal((await bed.connector.deleteTemplate(channel, toTemplate({})))?.fault, 'auth');
    replies = [[/message_templates\?/, { status: 503, body: {} }]];
    assert.equal((await bed.connector.deleteTemplate(channel, toTemplate({})))?.fault, 'later');
  });

  it('is looked for by its name where the answer to its submission was lost, and deleted if it is what was handed in', async () => {
    const lost = fresh({ components: [{ Type: 'BODY', Text: 'Hello $(name)' }] });
    const offered = [digestContent(lost)];
    const found = { id: '77', name: 'order_update', language: 'en_US', category: 'UTILITY' };
    const listed = (text: string): Reply => ({
      body: {
        data: [
          { ...found, id: '76', language: 'de' },
          { ...found, components: [{ type: 'BODY', text }] },
        ],
      },
    });
    const deletions = () => callsOf(/hsm_id=77/).length;
    replies = [
      [/hsm_id=77/, { body: { success: true } }],
      [/message_templates\?name=/, listed('Hello {{1}}')],
    ];
    assert.equal(await bed.connector.deleteTemplate(channel, { ...lost, offered }), null);
    assert.match(bed.calls.at(-1)?.path ?? '', /hsm_id=77&name=order_update/);
    const before = deletions();
    replies = [[/message_templates\?name=/, listed('Made by somebody else')]];
    assert.equal((await bed.connector.deleteTemplate(channel, { ...lost, offered }))?.fault, 'refused');
    assert.equal(await bed.connector.deleteTemplate(channel, lost), null, 'never handed in');
    assert.equal(deletions(), before);
    replies = [[/message_templates\?name=/, { body: { data: [] } }]];
    assert.equal(await bed.connector.deleteTemplate(channel, { ...lost, offered }), null);
    replies = [];
    assert.equal((await bed.connector.deleteTemplate(channel, { ...lost, offered }))?.fault, 'later');
  });
});
