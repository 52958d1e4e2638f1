import { Card, Form, Input } from 'antd';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActionForm } from '../../ui/action-form.tsx';
import { useChange } from '../../ui/change.ts';
import { useVersion } from '../../ui/form-version.ts';
import { useUrlWarnings } from '../../ui/url-warnings.ts';
import { deliveriesKey, destinationsKey } from './queries.ts';

const refresh = [destinationsKey, deliveriesKey, ['overview'], ['webhook']] as const;

interface Place {
  readonly name: string;
  readonly url: string;
}

/** What a callback URL is called and where it is: both can be changed, and what waits goes along. */
export function DestinationPlace({
  destination,
  showNow,
}: {
  destination: Versioned<Destination>;
  showNow: () => void;
}) {
  const t = useTexts();
  const mayChange = useIsAtLeast('operator');
  const [form] = Form.useForm<Place>();
  const toSeen = useUrlWarnings();
  const { id, name, url } = destination;
  const { header, saved } = useVersion(destination, (it) => [it.name, it.url]);
  const save = useChange(
    (given: Place) =>
      takeVersioned(
        api.PATCH('/api/v1/destinations/{destinationId}', {
          params: { path: { destinationId: String(id) }, header },
          body: { name: given.name, ...(given.url.trim() !== url && { url: given.url }) },
        }),
      ),
    {
      done: 'state.saved',
      refresh,
      quiet: true,
      onDone: (made) => {
        saved(toSeen(made));
        form.setFieldsValue({ name: made.name, url: made.url });
      },
    },
  );
  if (!mayChange) return null;
  return (
    <Card title={t('destination.place')}>
      <ActionForm<Place> name="place" form={form} change={save} submit={t('action.save')} showNow={showNow}>
        <Form.Item name="name" label={t('destination.name')} initialValue={name}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="url"
          label={t('destination.title')}
          extra={t('destination.url.hint')}
          initialValue={url}
        >
          <Input />
        </Form.Item>
      </ActionForm>
    </Card>
  );
}
