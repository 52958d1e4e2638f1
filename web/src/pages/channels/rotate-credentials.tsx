import { Alert, Button, Card, Form, Select } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import type { components } from '../../api/schema.d.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Sentence } from '../../i18n/sentence.tsx';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { formatDuration, Time } from '../../ui/time.tsx';
import { Unsaved } from '../../ui/unsaved.tsx';
import { CredentialInputs } from './credential-inputs.tsx';
import { credentialFields, credentialNames, toType } from './fields.ts';
import { channelKey, channelsKey } from './queries.ts';
import { toCredentials } from './values.ts';
import type { CredentialValues } from './values.ts';
import { useChannelTexts } from './texts.ts';

type Rotated = Pick<components['schemas']['RotatedCredentials'], 'kept' | 'keptUntil'>;

const hour = 3600;
const overlaps = [0, hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour];

interface Fields {
  readonly credentials?: CredentialValues;
  readonly overlapSeconds: number;
}

/** The secrets of a channel; of Viber those of both its products, for one that was made ahead of its credentials may become either. */
function secretsOf({ type }: Channel) {
  return credentialNames.filter(
    (name) =>
      credentialFields[name].part === 'secret' &&
      credentialFields[name].kinds.map(toType).some((one) => one === type),
  );
}

/** New credentials in the place of old ones, of which those that verify webhooks are taken along for a while. */
export function RotateCredentials({ channel }: { channel: Channel }) {
  const { language } = useLanguage();
  const toText = useChannelTexts();
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
  return (
    <Card title={toText('rotate.title')}>
      <p>{toText('rotate.text')}</p>
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
        <CredentialInputs names={secretsOf(channel)} />
        <Form.Item
          name="overlapSeconds"
          label={toText('rotate.overlap')}
          extra={toText('rotate.overlap.hint')}
        >
          <Select
            options={overlaps.map((value) => ({
              value,
              label: value === 0 ? toText('rotate.overlap.none') : formatDuration(value * 1000, language),
            }))}
          />
        </Form.Item>
        {isEmpty && <Alert type="warning" showIcon title={toText('rotate.empty')} />}
        <Unsaved change={rotate} />
        <FormProblem error={rotate.error} />
        <KeptNote rotated={rotate.data} />
        <div className="form-actions">
          <Button htmlType="submit" loading={rotate.isPending}>
            {toText('rotate.do')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}

/** Which old secrets are taken as well, and until when; nothing where there are none. */
function KeptNote({ rotated }: { rotated: Rotated | undefined }) {
  const toText = useChannelTexts();
  if (rotated?.keptUntil == null) return null;
  return (
    <Alert
      type="success"
      showIcon
      title={
        <Sentence
          text={toText('rotate.kept', { names: rotated.kept.join(', ') })}
          values={{ until: <Time at={rotated.keptUntil} /> }}
        />
      }
    />
  );
}
