import { QuestionCircleOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTexts } from '../i18n/language.tsx';

const HelpMenu = lazy(() => import('./help.tsx').then((module) => ({ default: module.HelpMenu })));

/** Opens the help for the page at `path`, whose menu comes when it is first asked for. */
export function HelpButton({ path }: { path: string }) {
  const t = useTexts();
  const [isAsked, setAsked] = useState(false);
  const button = (
    <Button
      type="text"
      icon={<QuestionCircleOutlined />}
      aria-label={t('help.title')}
      title={t('help.title')}
      onClick={() => {
        setAsked(true);
      }}
    />
  );
  if (!isAsked) return button;
  return (
    <Suspense fallback={button}>
      <HelpMenu path={path}>{button}</HelpMenu>
    </Suspense>
  );
}
