import { Button, Form, Input, Switch } from 'antd';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { Copyable } from '../../ui/copy.tsx';
import { PresetField } from '../deliveries/preset.tsx';
import { useIsAtLeast, useSignedIn } from '../../app/session.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { LookOnly } from '../../ui/needs-role.tsx';
import { Unsaved } from '../../ui/unsaved.tsx';

/** The queue that receipts of a type go into; the name is part of the protocol (docs/smq.md). */
function toQueueName(accountId: string, type: string): string {
  return `Alicom-Queue-${accountId}-${type}`;
}

const urlPattern = /^https?:\/\/[^\s/]+/i;

/** One callback URL of the form; shown while HTTP is on. */
export function CallbackUrl({ name, label, example }: { name: string; label: TextKey; example: string }) {
  const t = useTexts();
  return (
    <Form.Item
      name={name}
      label={t(label)}
      extra={t('webhook.url.hint', { example })}
      rules={[
        { pattern: urlPattern, message: t('webhook.url.rule') },
        { max: 2000, message: t('webhook.url.rule') },
      ]}
    >
      <Input type="url" placeholder={example} autoComplete="off" spellCheck={false} />
    </Form.Item>
  );
}

/** The switch of the HTTP protocol with the URLs below it. */
export function HttpSection({ children, isOn }: { children: ReactNode; isOn: boolean }) {
  const t = useTexts();
  return (
    <fieldset className="section">
      <legend>{t('webhook.http')}</legend>
      <Form.Item
        name="http"
        valuePropName="checked"
        label={t('webhook.http.switch')}
        extra={t('webhook.http.hint')}
      >
        <Switch aria-label={t('webhook.http.switch')} />
      </Form.Item>
      {isOn && children}
      {isOn && <PresetField label="webhook.preset" hint="webhook.preset.hint" />}
    </fieldset>
  );
}

/** The switch of message queue monitoring, with the names of the queues to copy. */
export function QueueSection({ isOn, types }: { isOn: boolean; types: readonly string[] }) {
  const t = useTexts();
  const { account } = useSignedIn();
  return (
    <fieldset className="section">
      <legend>{t('webhook.queue')}</legend>
      <Form.Item
        name="queue"
        valuePropName="checked"
        label={t('webhook.queue.switch')}
        extra={t('webhook.queue.hint')}
      >
        <Switch aria-label={t('webhook.queue.switch')} />
      </Form.Item>
      {isOn && (
        <ul className="plain">
          {types.map((type) => (
            <li key={type}>
              {t(
                type === 'ChatAppInbound'
                  ? 'receipt.type.ChatAppInbound'
                  : type === 'ChatAppStatus'
                    ? 'receipt.type.ChatAppStatus'
                    : 'receipt.type.ChatAppAudit',
              )}
              {': '}
              <Copyable text={toQueueName(account.id, type)} what={t('queue.name')} />
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

/** Why settings were not saved, and the button that saves them for whoever may. */
export function SaveFoot({
  save,
  mayChange,
  showNow,
}: {
  save: {
    readonly error: Error | null;
    readonly isPending: boolean;
    readonly isSuccess: boolean;
    readonly submittedAt: number;
  };
  mayChange: boolean;
  /** Shows what is there now, where somebody else was quicker. */
  showNow: () => void;
}) {
  const t = useTexts();
  const isOperator = useIsAtLeast('operator');
  return (
    <>
      <Unsaved change={save} />
      <FormProblem error={save.error} showNow={showNow} />
      {!isOperator && <LookOnly role="operator" />}
      {mayChange && (
        <div className="form-actions">
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {t('action.save')}
          </Button>
        </div>
      )}
    </>
  );
}
