import { CloudDownloadOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { useChannels } from '../channels/queries.ts';
import { templatesKey } from './queries.ts';

/** Types of channels whose vendors have templates of their own. */
const withTemplates: readonly string[] = ['whatsapp', 'messenger'];

type Import = Awaited<ReturnType<typeof importFrom>>;

function importFrom(channelId: string) {
  return take(
    api.POST('/api/v1/channels/{channelId}/templates/import', { params: { path: { channelId } }, body: {} }),
  );
}

/** Takes over what the vendors of a channel, or of all of them, have; tells afterwards what that was. */
export function ImportTemplates({ channelId }: { channelId: string | undefined }) {
  const t = useTexts();
  const { modal } = App.useApp();
  const { data } = useChannels();
  const channels = (data?.items ?? []).filter(
    ({ id, type }) => withTemplates.includes(type) && (channelId === undefined || id === channelId),
  );
  const load = useChange(
    async () => {
      const found: (readonly [string, Import])[] = [];
      for (const { id } of channels) found.push([id, await importFrom(id)]);
      return found;
    },
    {
      refresh: [templatesKey],
      onDone: (found) => {
        modal.info({
          title: t('templates.import.done'),
          width: 640,
          content: found.map(([id, one]) => <Told key={id} id={id} found={one} t={t} />),
        });
      },
    },
  );
  if (channels.length === 0) return null;
  return (
    <Button
      icon={<CloudDownloadOutlined />}
      loading={load.isPending}
      title={t('templates.import.hint')}
      onClick={() => {
        load.mutate(undefined);
      }}
    >
      {t('templates.import.do')}
    </Button>
  );
}

function Told({ id, found, t }: { id: string; found: Import; t: Translate }) {
  const { listed, made, changed, isWhole, differing, unread } = found;
  return (
    <section>
      <p>{t('templates.import.counts', { id, listed, made, changed })}</p>
      {!isWhole && <p>{t('templates.import.cut')}</p>}
      <ul>
        {differing.map(({ name, language, differences }) => (
          <li key={`${name} ${language}`}>
            {t('templates.import.differs', { name, language })} {differences.join('; ')}
          </li>
        ))}
        {unread.map(({ name, language, parts }, n) => (
          <li key={`${n} unread`}>
            {t('templates.import.unread', { name, language, parts: parts.join('; ') })}
          </li>
        ))}
      </ul>
    </section>
  );
}
