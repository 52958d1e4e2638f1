import { Alert, Button, Card, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import type { Channel, Template } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { SaveProblem } from '../../ui/problem.tsx';
import { followChoice, parseComponents, useDraft } from './draft.ts';
import type { Draft, DraftFields, Mode, TemplateDraft } from './draft.ts';
import type { DraftKeeper } from './kept-draft.ts';
import { IdentityInputs } from './identity-inputs.tsx';
import { PartInputs } from './part-inputs.tsx';
import { Preview } from './preview.tsx';

/** Channels that templates are for; the sandbox plays WhatsApp and Viber. */
function isForTemplates({ type }: Channel): boolean {
  return type === 'whatsapp' || type === 'viber' || type === 'sandbox';
}

interface TemplateFormProps {
  readonly channels: readonly Channel[];
  readonly initialChannelId?: string | undefined;
  readonly template?: Template;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Shows what is there now, where somebody else was quicker. */
  readonly showNow?: () => void;
  readonly submitText: string;
  /** Keeps what is written, so that a reload does not lose it. */
  readonly keeper: DraftKeeper;
  /** Of the template when its editor was opened. */
  readonly version?: string | null;
  readonly onSubmit: (draft: TemplateDraft) => void;
  /** Begins anew, without the draft that was kept. */
  readonly onDiscard: () => void;
}

/** Makes or changes a template part by part, or as the JSON of the CAMS API; the preview follows at once. */
export function TemplateForm(props: TemplateFormProps) {
  const { channels, initialChannelId, template, keeper, version = null, onSubmit, onDiscard } = props;
  const t = usePageTexts();
  const able = channels.filter(isForTemplates);
  const [kept, setKept] = useState(keeper.read);
  const draft = useDraft({
    channels,
    initialChannelId: initialChannelId ?? able[0]?.id ?? '',
    template,
    kept,
  });
  const { form, content } = draft;
  const { type, category, components, example } = content;
  return (
    <div className="two with-preview">
      <Card>
        {kept !== null && (
          <KeptNote
            onDiscard={() => {
              keeper.forget();
              setKept(null);
              onDiscard();
            }}
          />
        )}
        <Form<DraftFields>
          form={form}
          layout="vertical"
          initialValues={draft.initial}
          onValuesChange={(changed: Partial<DraftFields>) => {
            followChoice(form, channels, changed);
            keeper.write({ fields: form.getFieldsValue(true) as DraftFields, mode: draft.mode, version });
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
          <FormEnd {...props} />
        </Form>
      </Card>
      <Card
        className="kept-in-view"
        title={`${t('template.preview')} · ${t(type === 'VIBER' ? 'channel.type.viber' : 'channel.type.whatsapp')}`}
      >
        <Preview type={type} category={category} components={components} example={example} />
      </Card>
    </div>
  );
}

/** Says that a draft was there, which may not be wanted any more. */
function KeptNote({ onDiscard }: { onDiscard: () => void }) {
  const t = usePageTexts();
  return (
    <Alert
      type="info"
      showIcon
      className="kept-draft"
      title={t('template.draft.kept')}
      action={
        <Button size="small" onClick={onDiscard}>
          {t('template.draft.discard')}
        </Button>
      }
    />
  );
}

function FormEnd({ error, showNow = () => undefined, isBusy, submitText }: TemplateFormProps) {
  return (
    <>
      {error != null && <SaveProblem error={error} showNow={showNow} />}
      <div className="form-actions">
        <Button type="primary" htmlType="submit" loading={isBusy}>
          {submitText}
        </Button>
      </div>
    </>
  );
}

/** What a template says, in the form that the reader chose. */
function ContentInputs({ draft }: { draft: Draft }) {
  const t = usePageTexts();
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
  const t = usePageTexts();
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
  const t = usePageTexts();
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
