import { BulbOutlined, DesktopOutlined, GlobalOutlined, MoonOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useLanguage } from '../i18n/language.tsx';
import type { Language } from '../i18n/language.tsx';
import { themeChoices, useTheme } from './theme.tsx';
import type { ThemeChoice } from './theme.tsx';

/** A language's own name is the same in every language. */
const languageNames: readonly { key: Language; label: string }[] = [
  { key: 'en', label: 'English' },
  { key: 'zh', label: '简体中文' },
];

export function LanguageSwitch() {
  const { language, setLanguage, t } = useLanguage();
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectedKeys: [language],
        items: languageNames.map(({ key, label }) => ({
          key,
          label,
          onClick: () => {
            setLanguage(key);
          },
        })),
      }}
    >
      <Button
        type="text"
        icon={<GlobalOutlined />}
        aria-label={t('switch.language')}
        title={t('switch.language')}
      />
    </Dropdown>
  );
}

const themeIcons: Readonly<Record<ThemeChoice, typeof BulbOutlined>> = {
  system: DesktopOutlined,
  light: BulbOutlined,
  dark: MoonOutlined,
};

export function ThemeSwitch() {
  const { t } = useLanguage();
  const { choice, setChoice } = useTheme();
  const Icon = themeIcons[choice];
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectedKeys: [choice],
        items: themeChoices.map((key) => {
          const ItemIcon = themeIcons[key];
          return {
            key,
            icon: <ItemIcon />,
            label: t(`switch.theme.${key}`),
            onClick: () => {
              setChoice(key);
            },
          };
        }),
      }}
    >
      <Button type="text" icon={<Icon />} aria-label={t('switch.theme')} title={t('switch.theme')} />
    </Dropdown>
  );
}
