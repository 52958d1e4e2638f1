// Meta's own samples of requests are not part of the project; where they are at hand, what we send is held against them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { TemplateComponent } from '../../../src/domain/template.ts';
import { channel, openGraphBed, sender, toOutgoing, toTemplate } from '../../support/graph.ts';
import type { GraphBed } from '../../support/graph.ts';

let bed: GraphBed;
before(async () => {
  // A mark as read is answered in another form than a message.
  bed = await openGraphBed(({ body }) => ({
    body:
      'status' in (JSON.parse(body) as object)
        ? { success: true }
        : { messaging_product: 'whatsapp', messages: [{ id: 'wamid.X' }] },
  }));
});
after(() => bed.close());

const folder = new URL('../../../../shared/fixtures/whatsapp/', import.meta.url);
const samples = existsSync(folder)
  ? readdirSync(folder).filter((file) => /^facebook-openapi__api-request-/.test(file))
  : [];

describe('the request samples of Meta', { skip: samples.length === 0 && 'the samples are not here' }, () => {
  for (const file of samples) {
    const sample = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Readonly<
      Record<string, unknown>
    > & {
      readonly to?: string;
      readonly type?: string;
    };
    const type = toType(sample);
    if (type === 'template') continue;
    it(`${file} is what we send`, async () => {
      const context = sample['context'] as { message_id: string } | undefined;
      const reaction = sample['reaction'] as { message_id: string } | undefined;
      const quotedId =
        (sample['message_id'] as string | undefined) ?? reaction?.message_id ?? context?.message_id;
      const content = toContent(type, sample[type]);
      const outcome = await bed.connector.send(
        channel,
        sender,
        toOutgoing(
          { messageType: type, content },
          { quotedId: quotedId ?? null, to: sample.to ?? '15550002222' },
        ),
      );
      assert.equal(outcome.kind, 'accepted', JSON.stringify(outcome));
      const { biz_opaque_callback_data: _, ...sent } = JSON.parse(bed.calls.at(-1)?.body ?? '') as Record<
        string,
        unknown
      >;
      const implied = type === 'typing_indicator' ? {} : { recipient_type: 'individual', type };
      // An empty context of a sample means none.
      const { context: given, ...rest } = sample;
      const quoted = (given as { message_id?: string } | undefined)?.message_id;
      assert.deepEqual(sent, {
        ...implied,
        ...without(rest, 'type'),
        ...(quoted === undefined || type === 'reaction' ? {} : { context: { message_id: quoted } }),
      });
    });
  }
});

interface SampleParameter extends Readonly<Record<string, unknown>> {
  readonly type: string;
}

interface SampleComponent {
  readonly type: string;
  readonly sub_type?: string;
  readonly index?: number | string;
  readonly parameters: readonly SampleParameter[];
}

interface TemplateSample {
  readonly template: {
    readonly name: string;
    readonly language: { readonly code: string };
    readonly components?: readonly SampleComponent[];
  };
}

describe(
  'the samples of Meta for templates',
  { skip: samples.length === 0 && 'the samples are not here' },
  () => {
    for (const file of samples) {
      const bytes = readFileSync(new URL(file, folder), 'utf8');
      // A placeholder that is no address.
      const sample = JSON.parse(bytes.replaceAll('http(s)://', 'https://')) as Partial<TemplateSample>;
      if (sample.template === undefined) continue;
      const { name, language, components = [] } = sample.template;
      // A quick reply of a boolean text is of no form that Meta documents.
      if (components.some(({ parameters }) => parameters.some(({ text }) => typeof text === 'boolean')))
        continue;
      it(`${file} is what we send`, async () => {
        const values = components.flatMap(({ parameters }) => parameters).flatMap(toValue);
        const buttons = components.filter(({ type }) => type === 'button');
        const action = buttons[0]?.parameters[0]?.['action'] as Readonly<Record<string, unknown>> | undefined;
        const template = toTemplate({
          name,
          language: language.code,
          components: [
            ...components.filter(({ type }) => type !== 'button').map(toComponent),
            ...(buttons.length === 0
              ? []
              : [
                  {
                    Type: 'BUTTONS',
                    Buttons: buttons.map(({ sub_type: type = '' }) => toButton(type)),
                  } as const,
                ]),
          ],
        });
        const outcome = await bed.connector.send(
          channel,
          sender,
          toOutgoing(
            {
              frame: 'template',
              messageType: 'template',
              templateParams: Object.fromEntries(values.map((value, n) => [`v${n + 1}`, value])),
              payload: buttons.map(({ parameters }) => toPayload(parameters[0]?.['payload'])),
              flowAction: { FlowToken: action?.['flow_token'], FlowActionData: action?.['flow_action_data'] },
              productAction: { ThumbnailProductRetailerId: action?.['thumbnail_product_retailer_id'] },
            },
            { template },
          ),
        );
        assert.equal(outcome.kind, 'accepted', JSON.stringify(outcome));
        const sent = JSON.parse(bed.calls.at(-1)?.body ?? '') as Record<string, unknown>;
        assert.deepEqual(sent['template'], {
          name,
          language: { code: language.code },
          ...(components.length === 0 ? {} : { components: components.map(toWanted) }),
        });
      });
    }
  },
);

/** What is sent of a component of a sample: CAMS has texts alone where Meta would translate an amount or a date. */
function toWanted(component: SampleComponent): object {
  const { sub_type: subType, index, parameters } = component;
  return {
    ...component,
    ...(subType === undefined ? {} : { sub_type: subType.toLowerCase() }),
    ...(index === undefined ? {} : { index: String(index) }),
    parameters: parameters.map((parameter) =>
      ['currency', 'date_time'].includes(parameter.type)
        ? { type: 'text', text: toValue(parameter)[0] }
        : parameter,
    ),
  };
}

function toPayload(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value of a parameter of a body. */
function toValue({ type, ...parameter }: SampleParameter): readonly string[] {
  if (type === 'text') return [String(parameter['text'])];
  if (type !== 'currency' && type !== 'date_time') return [];
  return [String((parameter[type] as { fallback_value: string }).fallback_value)];
}

function toComponent({ type, parameters }: SampleComponent): TemplateComponent {
  const image = parameters[0]?.['image'] as { link: string } | undefined;
  if (image !== undefined) return { Type: 'HEADER', Format: 'IMAGE', Url: image.link };
  assert.equal(type, 'body');
  return { Type: 'BODY', Text: parameters.map((_, n) => `$(v${n + 1})`).join(' ') };
}

function toButton(subType: string): Readonly<Record<string, string>> {
  return { Type: subType.toUpperCase(), Text: 'Take', ...(subType === 'flow' ? { FlowId: '1' } : {}) };
}

function without(object: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

/** One sample says `text` and holds an interactive message. */
function toType(sample: Readonly<Record<string, unknown>> & { readonly type?: string }): string {
  if (sample['status'] === 'read') return 'typing_indicator';
  return 'interactive' in sample ? 'interactive' : (sample.type ?? 'text');
}

/** Meta's member back to the Content of CAMS. */
function toContent(type: string, member: unknown): unknown {
  const object = (member ?? {}) as Record<string, unknown>;
  if (type === 'text') return { text: object['body'], previewUrl: object['preview_url'] };
  if (type === 'reaction') return { messageId: '1', emoji: object['emoji'] };
  if (type === 'document') {
    const { filename, ...rest } = object;
    return filename === undefined ? rest : { ...rest, fileName: filename };
  }
  return member;
}
