import { Alert, Button, Card, Form, Select } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Sentence } from '../../i18n/sentence.tsx';
import { useChange } from '../../ui/change.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { formatDuration, Time } from '../../ui/time.tsx';
import { CredentialInputs, toCredentials } from './credentials.tsx';
import type { CredentialValues } from './credentials.tsx';
import { channelKey, channelsKey } from './queries.ts';

const hour = 3600;
const overlaps = [0, hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour];

interface Fields {
  readonly credentials?: CredentialValues;
  readonly overlapSeconds: number;
}

/** New credentials in the place of old ones, of which those that verify webhooks are taken along for a while. */
export function RotateCredentials({ channel }: { channel: Channel }) {
  const { t, language } = useLanguage();
  const [form] = Form.useForm<Fields>();
  const [isEmpty, setEmpty] = useState(false);
  const rotate = useChange(
    ({ credentials, overlapSeconds }: Fields) =>
      take(
        api.POST('/api/v1/channels/{channelId}/credentials/rotate', {
          params: { path: { channelId: channel.id } },
          body: { credentials: toCredentials(credentials), overlapSeconds },
        }),
      ),
    {
      done: 'state.saved',
      refresh: [channelsKey, channelKey(channel.id)],
      quiet: true,
      onDone: () => {
        form.resetFields();
      },
    },
  );
  const kept = rotate.data?.kept ?? [];
  return (
    <Card title={t('rotate.title')}>
      <p>{t('rotate.text')}</p>
      <Form<Fields>
        name="rotate"
        form={form}
        layout="vertical"
        className="narrow"
        initialValues={{ overlapSeconds: 24 * hour }}
        onFinish={(fields) => {
          const nothing = Object.keys(toCredentials(fields.credentials)).length === 0;
          setEmpty(nothing);
          if (!nothing) rotate.mutate(fields);
        }}
      >
        <CredentialInputs type={channel.type} form={form} areNeeded={false} />
        <Form.Item name="overlapSeconds" label={t('rotate.overlap')} extra={t('rotate.overlap.hint')}>
          <Select
            options={overlaps.map((value) => ({
              value,
              label: value === 0 ? t('rotate.overlap.none') : formatDuration(value * 1000, language),
            }))}
          />
        </Form.Item>
        {isEmpty && <Alert type="warning" showIcon title={t('rotate.empty')} />}
        {rotate.error !== null && <ProblemAlert error={rotate.error} />}
        {rotate.data?.keptUntil != null && (
          <Alert
            type="success"
            showIcon
            title={
              <Sentence
                text={t('rotate.kept', { names: kept.join(', ') })}
                values={{ until: <Time at={rotate.data.keptUntil} /> }}
              />
            }
          />
        )}
        <div className="form-actions">
          <Button htmlType="submit" loading={rotate.isPending}>
            {t('rotate.do')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
