import { Form, Select } from 'antd';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';

const presets = ['standard', 'cams'] as const;

/** Which rules a callback URL is pushed to by. What the chosen one means stands below it, where a phone has room for it. */
export function PresetField({ label, hint }: { label: TextKey; hint?: TextKey }) {
  const t = useTexts();
  const chosen: unknown = Form.useWatch('preset');
  const preset = presets.find((one) => one === chosen);
  return (
    <Form.Item
      name="preset"
      label={t(label)}
      extra={
        <>
          {preset !== undefined && <div>{t(`preset.${preset}.meaning`)}</div>}
          {hint !== undefined && t(hint)}
        </>
      }
    >
      <Select
        options={presets.map((value) => ({ value, label: t(`preset.${value}`) }))}
        optionRender={({ value }) => {
          const one = presets.find((name) => name === value);
          return (
            one !== undefined && (
              <>
                {t(`preset.${one}`)}
                <br />
                <small>{t(`preset.${one}.meaning`)}</small>
              </>
            )
          );
        }}
      />
    </Form.Item>
  );
}
