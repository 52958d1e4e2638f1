import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input, Select } from 'antd';
import type { Template } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { ruleWhile } from '../../ui/rule-while.ts';
import type { Parts, TemplateButton } from './components.ts';

const buttonTypes = ['QUICK_REPLY', 'URL', 'PHONE_NUMBER'] as const;
const maxButtons = 10;

/** The parts that a template of a type may have: a header by its format, body, footer, buttons. */
export function PartInputs({
  type,
  format,
}: {
  type: Template['type'];
  format: NonNullable<Parts['headerFormat']>;
}) {
  const t = usePageTexts();
  const isWhatsapp = type === 'WHATSAPP';
  return (
    <>
      <Form.Item name="headerFormat" label={t('template.header')}>
        <Select
          options={(isWhatsapp
            ? (['NONE', 'TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT'] as const)
            : (['NONE', 'IMAGE'] as const)
          ).map((value) => ({ value, label: t(`template.header.${value}`) }))}
        />
      </Form.Item>
      {format === 'TEXT' && (
        <Form.Item name="header" label={t('template.header.text')}>
          <Input maxLength={60} showCount autoComplete="off" />
        </Form.Item>
      )}
      {format !== 'TEXT' && format !== 'NONE' && (
        <Form.Item name="headerUrl" label={t('template.header.url')}>
          <Input type="url" autoComplete="off" placeholder="https://example.com/sample.jpg" />
        </Form.Item>
      )}
      <Form.Item
        name="body"
        label={t('template.body')}
        extra={t('template.body.hint')}
        rules={[{ required: isWhatsapp, message: t('form.required') }]}
      >
        <Input.TextArea rows={5} maxLength={1024} showCount />
      </Form.Item>
      {isWhatsapp && (
        <Form.Item name="footer" label={t('template.footer')}>
          <Input maxLength={60} showCount autoComplete="off" />
        </Form.Item>
      )}
      <ButtonList isWhatsapp={isWhatsapp} />
    </>
  );
}

function ButtonList({ isWhatsapp }: { isWhatsapp: boolean }) {
  const t = usePageTexts();
  return (
    <Form.List name="buttons">
      {(fields, { add, remove }) => (
        <fieldset className="section">
          <legend>{t('template.buttons')}</legend>
          {fields.map(({ key, name }) => (
            <ButtonInputs
              key={key}
              name={name}
              isWhatsapp={isWhatsapp}
              onRemove={() => {
                remove(name);
              }}
            />
          ))}
          {fields.length < (isWhatsapp ? maxButtons : 1) && (
            <Button
              icon={<PlusOutlined aria-hidden />}
              onClick={() => {
                add({ Type: isWhatsapp ? 'QUICK_REPLY' : 'URL' } satisfies TemplateButton);
              }}
            >
              {t('template.buttons.add')}
            </Button>
          )}
        </fieldset>
      )}
    </Form.List>
  );
}

function ButtonInputs({
  name,
  isWhatsapp,
  onRemove,
}: {
  name: number;
  isWhatsapp: boolean;
  onRemove: () => void;
}) {
  const t = usePageTexts();
  const typePath = ['buttons', name, 'Type'];
  const type = Form.useWatch(typePath) as string | undefined;
  const whileOf = (wanted: string, rule: Parameters<typeof ruleWhile>[1]) =>
    ruleWhile((valueOf) => valueOf(typePath) === wanted, rule);
  return (
    <div className="button-row">
      <Form.Item name={[name, 'Type']} label={t('channel.type')}>
        <Select
          options={buttonTypes
            .filter((value) => isWhatsapp || value === 'URL')
            .map((value) => ({ value, label: t(`template.button.${value}`) }))}
        />
      </Form.Item>
      <Form.Item
        name={[name, 'Text']}
        label={t('message.text')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input maxLength={25} autoComplete="off" />
      </Form.Item>
      {type === 'URL' && (
        <Form.Item
          name={[name, 'Url']}
          label="URL"
          rules={[whileOf('URL', { required: true, message: t('form.required') })]}
        >
          <Input autoComplete="off" placeholder="https://example.com/$(order)" />
        </Form.Item>
      )}
      {type === 'PHONE_NUMBER' && (
        <Form.Item
          name={[name, 'PhoneNumber']}
          label={t('sender.id.whatsapp')}
          rules={[
            whileOf('PHONE_NUMBER', { required: true, pattern: /^\+?\d{5,20}$/, message: t('form.digits') }),
          ]}
        >
          <Input inputMode="tel" autoComplete="off" />
        </Form.Item>
      )}
      <Button icon={<DeleteOutlined />} onClick={onRemove} aria-label={t('template.buttons.remove')} />
    </div>
  );
}
