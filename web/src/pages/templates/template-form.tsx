import { Button, Card, Form, Input, Segmented } from 'antd';
import type { Channel, Template } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { SaveProblem } from '../../ui/problem.tsx';
import { followChoice, parseComponents, useDraft } from './draft.ts';
import type { Draft, DraftFields, Mode, TemplateDraft } from './draft.ts';
import { IdentityInputs } from './identity-inputs.tsx';
import { PartInputs } from './part-inputs.tsx';
import { Preview } from './preview.tsx';

/** Channels that templates are for; the sandbox plays WhatsApp and Viber. */
function isForTemplates({ type }: Channel): boolean {
  return type === 'whatsapp' || type === 'viber' || type === 'sandbox';
}

/** Makes or changes a template part by part, or as the JSON of the CAMS API; the preview follows at once. */
export function TemplateForm({
  channels,
  initialChannelId,
  template,
  isBusy,
  error,
  showNow = () => undefined,
  submitText,
  onSubmit,
}: {
  channels: readonly Channel[];
  initialChannelId?: string | undefined;
  template?: Template;
  isBusy: boolean;
  error: unknown;
  /** Shows what is there now, where somebody else was quicker. */
  showNow?: () => void;
  submitText: string;
  onSubmit: (draft: TemplateDraft) => void;
}) {
  const t = useTexts();
  const able = channels.filter(isForTemplates);
  const draft = useDraft({ channels, initialChannelId: initialChannelId ?? able[0]?.id ?? '', template });
  const { form, content } = draft;
  const { type, category, components, example } = content;
  return (
    <div className="two">
      <Card>
        <Form<DraftFields>
          form={form}
          layout="vertical"
          initialValues={draft.initial}
          onValuesChange={(changed: Partial<DraftFields>) => {
            followChoice(form, channels, changed);
          }}
          onFinish={({ name, language }) => {
            onSubmit({
              ...content,
              name: template?.name ?? name.trim(),
              language: template?.language ?? language.trim(),
              example: Object.fromEntries(Object.entries(example).filter(([, value]) => value !== '')),
            });
          }}
        >
          {template === undefined && (
            <IdentityInputs channels={able} isSandbox={draft.channelType === 'sandbox'} type={type} />
          )}
          <ContentInputs draft={draft} />
          <ExampleInputs variables={draft.variables} />
          {error != null && <SaveProblem error={error} showNow={showNow} />}
          <div className="form-actions">
            <Button type="primary" htmlType="submit" loading={isBusy}>
              {submitText}
            </Button>
          </div>
        </Form>
      </Card>
      <Card
        title={`${t('template.preview')} · ${t(type === 'VIBER' ? 'channel.type.viber' : 'channel.type.whatsapp')}`}
      >
        <Preview type={type} category={category} components={components} example={example} />
      </Card>
    </div>
  );
}

/** What a template says, in the form that the reader chose. */
function ContentInputs({ draft }: { draft: Draft }) {
  const t = useTexts();
  const { mode, switchTo, headerFormat, content } = draft;
  const { type, category } = content;
  const isGenerated = type === 'WHATSAPP' && category === 'AUTHENTICATION';
  return (
    <>
      <Segmented<Mode>
        aria-label={t('template.mode')}
        value={mode}
        onChange={switchTo}
        options={[
          { value: 'form', label: t('template.mode.form') },
          { value: 'json', label: t('template.mode.json') },
        ]}
      />
      <div className="gap" />
      {mode === 'json' ? (
        <JsonInput />
      ) : isGenerated ? (
        <p>{t('template.generated')}</p>
      ) : (
        <PartInputs type={type} format={headerFormat} />
      )}
    </>
  );
}

function JsonInput() {
  const t = useTexts();
  return (
    <Form.Item
      name="json"
      label={t('template.components')}
      rules={[
        {
          validator: (_rule, value: string | undefined) =>
            parseComponents(value) === null
              ? Promise.reject(new Error(t('template.json.rule')))
              : Promise.resolve(),
        },
      ]}
    >
      <Input.TextArea rows={14} spellCheck={false} className="code-input" />
    </Form.Item>
  );
}

/** A sample of each value that a message will fill in; reviewers look at them. */
function ExampleInputs({ variables }: { variables: readonly string[] }) {
  const t = useTexts();
  if (variables.length === 0) return null;
  return (
    <fieldset className="section">
      <legend>{t('template.examples')}</legend>
      {variables.map((name) => (
        <Form.Item
          key={name}
          name={['example', name]}
          label={`$(${name})`}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input autoComplete="off" />
        </Form.Item>
      ))}
    </fieldset>
  );
}
