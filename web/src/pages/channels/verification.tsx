import { Tag, Tooltip } from 'antd';
import type { Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';

type Verification = NonNullable<Sender['verification']>;

const looks: Readonly<Record<Verification, { color: string; text: TextKey }>> = {
  verified: { color: 'green', text: 'sender.verified' },
  pending: { color: 'orange', text: 'sender.pending' },
  failed: { color: 'red', text: 'sender.failed' },
  unknown: { color: 'default', text: 'sender.unknown' },
};

/** What Meta says of a number. */
export function VerificationTag({ verification }: { verification: Verification }) {
  const t = useTexts();
  const { color, text } = looks[verification];
  const tag = <Tag color={color}>{t(text)}</Tag>;
  return verification === 'unknown' ? <Tooltip title={t('sender.unknown.hint')}>{tag}</Tooltip> : tag;
}
