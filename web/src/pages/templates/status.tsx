import { Tag } from 'antd';
import type { Template } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';

export const templateStatuses = [
  'auditing',
  'pass',
  'fail',
  'unaudit',
  'disabled',
  'paused',
] as const satisfies readonly Template['status'][];

const colors: Readonly<Record<Template['status'], string>> = {
  auditing: 'blue',
  pass: 'green',
  fail: 'red',
  unaudit: 'default',
  disabled: 'red',
  paused: 'orange',
};

/** A template's state of review. */
export function TemplateStatusTag({ status }: { status: Template['status'] }) {
  const t = usePageTexts();
  return <Tag color={colors[status]}>{t(`template.status.${status}`)}</Tag>;
}
