import { Form, Input, Radio, Select } from 'antd';
import type { FormInstance } from 'antd';
import { api, take } from '../../api/client.ts';
import type { NewPortalLink, PortalLink } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { ruleWhile } from '../../ui/rule-while.ts';
import { formatAmount } from '../../ui/time.tsx';
import { FormModal, Unsaved } from '../../ui/unsaved.tsx';
import { useEverySender } from '../channels/queries.ts';
import { portalLinksKey } from './queries.ts';

interface Fields {
  readonly name: string;
  readonly scope: 'senders' | 'account';
  /** Each as JSON of its channel and its id. */
  readonly senders?: readonly string[];
  readonly access: PortalLink['access'];
  readonly hours: number;
  readonly colour?: string;
}

const accesses = ['read', 'manage'] as const satisfies readonly PortalLink['access'][];
const lives = [1, 8, 24, 72, 168] as const;
/** As many as a link may name. */
const maxSenders = 50;

function toBody({ name, scope, senders = [], access, hours, colour = '' }: Fields) {
  return {
    ...{ name: name.trim(), access, hours },
    ...(colour !== '' && { colour }),
    senders:
      scope === 'account'
        ? null
        : senders.map((sender) => {
            const [channelId, senderId] = JSON.parse(sender) as [string, string];
            return { channelId, senderId };
          }),
  };
}

/** Makes a link: what it opens, how much it may, and for how long. */
export function PortalLinkForm({
  onMade,
  onClose,
}: {
  onMade: (link: NewPortalLink) => void;
  onClose: () => void;
}) {
  const t = usePageTexts();
  const [form] = Form.useForm<Fields>();
  const scope = Form.useWatch('scope', form);
  const save = useChange(
    (fields: Fields) => take(api.POST('/api/v1/portal-links', { body: toBody(fields) })),
    {
      refresh: [portalLinksKey],
      quiet: true,
      onDone: (made) => {
        onMade(made);
        onClose();
      },
    },
  );
  return (
    <FormModal
      open
      title={t('portal_links.create')}
      okText={t('portal_links.create')}
      okButtonProps={{ htmlType: 'submit', form: 'portal-link', loading: save.isPending }}
      onCancel={onClose}
    >
      <Form<Fields>
        id="portal-link"
        form={form}
        layout="vertical"
        initialValues={{ scope: 'senders', access: 'read', hours: 24 }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <Form.Item
          name="name"
          label={t('portal_links.name')}
          extra={t('portal_links.name.hint')}
          rules={[{ required: true, whitespace: true, message: t('portal_links.name.needed') }]}
        >
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="scope" label={t('portal_links.opens')}>
          <Radio.Group>
            <Radio value="senders">{t('portal_links.some')}</Radio>
            <Radio value="account">{t('portal_links.all')}</Radio>
          </Radio.Group>
        </Form.Item>
        {scope === 'account' ? <p className="hint">{t('portal_links.all.hint')}</p> : <SendersItem />}
        <AccessItem />
        <LifeItem />
        <ColourItem />
        <Unsaved change={save} />
        <FormProblem error={save.error} showNow={onClose} />
      </Form>
    </FormModal>
  );
}

const isOfSome = (valueOf: FormInstance['getFieldValue']): boolean => valueOf('scope') === 'senders';

/** The senders that a link opens, of all channels. */
function SendersItem() {
  const t = usePageTexts();
  const { isPending, channels } = useEverySender();
  return (
    <Form.Item
      name="senders"
      label={t('portal_links.senders')}
      rules={[
        ruleWhile(isOfSome, { required: true, message: t('portal_links.senders.needed') }),
        ruleWhile(isOfSome, {
          type: 'array',
          max: maxSenders,
          message: t('portal_links.senders.many', { count: maxSenders }),
        }),
      ]}
    >
      <Select
        mode="multiple"
        loading={isPending}
        showSearch={{ optionFilterProp: 'label' }}
        options={channels.map(({ id, name, senders }) => ({
          label: name === '' ? id : name,
          options: senders.map((sender) => ({
            value: JSON.stringify([id, sender.id]),
            label:
              sender.name === '' || sender.name === sender.id ? sender.id : `${sender.name} (${sender.id})`,
          })),
        }))}
      />
    </Form.Item>
  );
}

/** How much a link may. */
function AccessItem() {
  const t = usePageTexts();
  return (
    <Form.Item name="access" label={t('portal_links.access')}>
      <Radio.Group className="stack">
        {accesses.map((access) => (
          <Radio key={access} value={access}>
            {t(`portal_links.access.${access}`)}
            <br />
            <small>{t(`portal_links.access.${access}.hint`)}</small>
          </Radio>
        ))}
      </Radio.Group>
    </Form.Item>
  );
}

/** How long a link is good. */
function LifeItem() {
  const t = usePageTexts();
  const { language } = useLanguage();
  return (
    <Form.Item name="hours" label={t('portal_links.life')}>
      <Select
        options={lives.map((value) => ({
          value,
          label: value < 24 ? formatAmount(value, 'h', language) : formatAmount(value / 24, 'days', language),
        }))}
      />
    </Form.Item>
  );
}

/** The colour of its page. */
function ColourItem() {
  const t = usePageTexts();
  return (
    <Form.Item
      name="colour"
      className="hint-is-rule"
      label={t('portal_links.colour')}
      extra={t('portal_links.colour.hint')}
      rules={[{ pattern: /^#[\da-f]{6}$/i, message: t('portal_links.colour.wrong') }]}
    >
      <Input autoComplete="off" maxLength={7} className="number" />
    </Form.Item>
  );
}
