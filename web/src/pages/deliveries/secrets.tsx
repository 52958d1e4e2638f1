import { useQuery } from '@tanstack/react-query';
import { App, Button, Tabs } from 'antd';
import { EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { CodeBlock, CopyButton } from '../../ui/copy.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { destinationKey } from './queries.ts';
import { snippets } from './snippets.ts';

/** The signing secrets of a callback URL, their rotation, and code that verifies with them. */
export function Secrets({ destinationId }: { destinationId: string }) {
  const t = useTexts();
  const { modal } = App.useApp();
  const key = [...destinationKey(destinationId), 'secrets'];
  const secrets = useQuery({
    queryKey: key,
    queryFn: () =>
      take(api.GET('/api/v1/destinations/{destinationId}/secrets', { params: { path: { destinationId } } })),
    gcTime: 0,
  });
  const rotate = useChange(
    () =>
      take(
        api.POST('/api/v1/destinations/{destinationId}/secrets/rotate', {
          params: { path: { destinationId } },
          body: {},
        }),
      ),
    { done: 'secret.rotated', refresh: [destinationKey(destinationId)] },
  );
  return (
    <section className="stack" aria-label={t('destination.secret')}>
      <Answered of={secrets} rows={1}>
        {(data) => (
          <ul className="plain">
            {data.secrets.map(({ secret, expiresAt }) => (
              <li key={secret} className="row">
                <Hidden text={secret} what={t('destination.secret')} />
                {expiresAt !== null && (
                  <span>
                    {t('secret.until')} <Time at={expiresAt} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answered>
      <div>
        <Button
          loading={rotate.isPending}
          onClick={() =>
            void modal.confirm({
              title: t('secret.rotate.title'),
              content: t('secret.rotate.text'),
              okText: t('secret.rotate'),
              onOk: () => rotate.mutateAsync(undefined).catch(() => undefined),
            })
          }
        >
          {t('secret.rotate')}
        </Button>
      </div>
      <div>
        <h3 className="small-head">{t('secret.verify')}</h3>
        <Tabs
          size="small"
          items={snippets.map(({ language, code }) => ({
            key: language,
            label: language,
            children: <CodeBlock text={code} what={`${t('secret.verify')} ${language}`} />,
          }))}
        />
      </div>
    </section>
  );
}

/** A secret that shows when it is asked to, and can be copied unseen. */
function Hidden({ text, what }: { text: string; what: string }) {
  const t = useTexts();
  const [isShown, setShown] = useState(false);
  return (
    <span className="copyable">
      <code>{isShown ? text : `${text.slice(0, 6)}${'•'.repeat(16)}`}</code>
      <Button
        type="text"
        size="small"
        aria-label={isShown ? t('action.hide') : t('action.show')}
        icon={isShown ? <EyeInvisibleOutlined /> : <EyeOutlined />}
        onClick={() => {
          setShown(!isShown);
        }}
      />
      <CopyButton text={text} what={what} />
    </span>
  );
}
